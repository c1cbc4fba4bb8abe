"""Extensions: real distributions on the path, found by their entry points."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kmock_core import HTTPCriteria, RawHandler, Request, exports, registry, spi
from kmock_core.errors import BrokenPluginError, DuplicatePluginError, KMockError, PluginError, UnknownPluginError

Install = Callable[..., Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Installs a distribution: its entry points by groups, and the source of its only module."""
    modules = set(sys.modules)

    def install(name: str, source: str = '', **groups: dict[str, str]) -> Path:
        site = tmp_path / name
        info = site / f'{name.replace("-", "_")}-1.0.dist-info'
        info.mkdir(parents=True)
        (info / 'METADATA').write_text(f'Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n', 'utf-8')
        lines = [line for group, points in groups.items() for line in section(f'kmock.{group}', points)]
        (info / 'entry_points.txt').write_text('\n'.join(lines), 'utf-8')
        (site / f'{name.replace("-", "_")}.py').write_text(source, 'utf-8')
        monkeypatch.syspath_prepend(site)  # pyright: ignore[reportUnknownMemberType]
        registry.forget()
        exports.forget()
        return site

    yield install
    monkeypatch.undo()
    for module in set(sys.modules) - modules:
        if module.startswith('plugin_'):
            del sys.modules[module]
    registry.forget()
    exports.forget()


def load(noun: str, name: str) -> Any:
    """What a plugin loads to; here it may be anything."""
    return next(group for group in registry.GROUPS if group.noun == noun).get(name)


def section(group: str, points: dict[str, str]) -> list[str]:
    return [f'[{group}]', *(f'{name} = {value}' for name, value in points.items()), '']


# ---- The built-ins. ----


def test_all_groups_are_those_of_the_documentation() -> None:
    assert [group.name for group in registry.GROUPS] == [
        'kmock.exports', 'kmock.transports', 'kmock.handlers', 'kmock.notations', 'kmock.renderers', 'kmock.sinks',
        'kmock.facets', 'kmock.commands',
    ]  # fmt: skip


def test_groups_that_only_other_distributions_have_are_listed_too(install: Install) -> None:
    install('plugin-more', **{'more.things': {'x': 'plugin_more:X'}})
    [group] = [group for group in registry.list_groups() if group.name == 'kmock.more.things']
    assert group.points() == {'x': ('plugin_more:X', 'plugin-more')}
    assert registry.list_groups()[: len(registry.GROUPS)] == list(registry.GROUPS)


def test_groups_of_other_packages_are_forgotten_too(install: Install) -> None:
    group: registry.Group[Any] = registry.Group('kmock.more.things', 'thing')
    assert group.names() == []
    install('plugin-more', **{'more.things': {'x': 'plugin_more:X'}})
    assert group.names() == ['x']


@pytest.mark.parametrize('group', registry.GROUPS, ids=lambda group: group.name)
def test_the_built_ins_stand_in_the_metadata_of_the_package_too(group: registry.Group[Any], install: Install) -> None:
    install('plugin-nothing')
    own = {
        point.name: point.value for point in registry.installed(group.name)
        if point.dist is not None and point.dist.name == 'kmock-core'
    }  # fmt: skip
    assert own == group.builtins
    assert all(group.points()[name] == (value, 'kmock-core') for name, value in group.builtins.items())


@pytest.mark.parametrize(
    ('group', 'name'), [(group, name) for group in registry.GROUPS for name in group.builtins], ids=str
)
def test_every_built_in_is_loaded_by_its_name_and_is_what_its_protocol_says(
    group: registry.Group[Any], name: str, alone: None
) -> None:
    value = group.get(name)
    assert group.get(name) is value
    assert name in group
    assert name in group.names()
    protocols: dict[str, type[Any]] = {
        'kmock.transports': spi.Transport, 'kmock.notations': spi.Notation, 'kmock.renderers': spi.Renderer,
        'kmock.sinks': spi.SinkAdapter, 'kmock.commands': spi.Command,
    }  # fmt: skip
    assert isinstance(value, protocols.get(group.name, object))


def test_built_ins_are_known_without_reading_any_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    registry.forget()

    def fail(group: str) -> None:
        raise AssertionError(f'{group} was looked for in the metadata')

    monkeypatch.setattr(registry, 'installed', fail)
    assert registry.HANDLERS.get('raw') is RawHandler
    assert registry.NOTATIONS.get('http').parse('get') == HTTPCriteria(method='GET')


def test_a_group_shows_its_names(alone: None) -> None:
    assert repr(registry.TRANSPORTS) == '<Group kmock.transports: asgi, inprocess>'
    assert repr(registry.FACETS) == '<Group kmock.facets: >'


# ---- Bad names. ----


@pytest.mark.parametrize('name', ['aiohtp', '', 'RAW', 'raw '])
def test_an_unknown_name_lists_the_known_ones(name: str, alone: None) -> None:
    with pytest.raises(UnknownPluginError) as caught:
        registry.TRANSPORTS.get(name)
    assert str(caught.value) == f'no transport {name!r} (known: asgi, inprocess)'
    assert (caught.value.group, caught.value.name) == ('kmock.transports', name)
    assert isinstance(caught.value, LookupError)
    assert isinstance(caught.value, PluginError)
    assert isinstance(caught.value, KMockError)
    assert caught.value.__cause__ is None


def test_an_unknown_name_of_an_empty_group_says_that_there_are_none(alone: None) -> None:
    with pytest.raises(UnknownPluginError, match=r"no facet 'x' \(known: none\)"):
        registry.FACETS.get('x')


# ---- Installed ones. ----


def test_an_installed_plugin_is_found_and_loaded_once(install: Install) -> None:
    install('plugin-a', 'class Mine: pass', handlers={'mine': 'plugin_a:Mine'})
    loaded = registry.HANDLERS.get('mine')
    assert loaded.__module__ == 'plugin_a'
    assert registry.HANDLERS.get('mine') is loaded
    assert registry.HANDLERS.points()['mine'] == ('plugin_a:Mine', 'plugin-a')
    assert loaded in list(registry.HANDLERS.values())


def test_a_plugin_is_not_loaded_before_it_is_used(install: Install) -> None:
    install('plugin-a', 'raise AssertionError("loaded")', handlers={'mine': 'plugin_a:Mine'})
    assert 'mine' in registry.HANDLERS.names()
    assert registry.HANDLERS.get('raw') is RawHandler
    assert 'plugin_a' not in sys.modules


def test_attributes_of_attributes_are_loaded(install: Install) -> None:
    install('plugin-a', 'class A:\n  class B: value = 5', handlers={'deep': 'plugin_a:A.B.value', 'module': 'plugin_a'})
    deep, module = (load('handler', name) for name in ('deep', 'module'))
    assert deep == 5
    assert module is sys.modules['plugin_a']


def test_a_plugin_that_was_installed_later_is_found_after_forgetting(install: Install) -> None:
    assert 'mine' not in registry.HANDLERS
    install('plugin-a', 'Mine = 5', handlers={'mine': 'plugin_a:Mine'})  # forgets
    assert 'mine' in registry.HANDLERS


@pytest.mark.parametrize(
    ('source', 'reference', 'cause'),
    [
        ('', 'plugin_a:Nothing', AttributeError),
        ('', 'plugin_nowhere:Nothing', ModuleNotFoundError),
        ('1 / 0', 'plugin_a:Mine', ZeroDivisionError),
        ('import plugin_b_that_is_absent', 'plugin_a:Mine', ModuleNotFoundError),
        ('this is no python', 'plugin_a:Mine', SyntaxError),
    ],
)
def test_a_broken_plugin_fails_with_the_name_of_its_distribution(
    install: Install, source: str, reference: str, cause: type[Exception]
) -> None:
    install('plugin-a', source, handlers={'mine': reference})
    with pytest.raises(BrokenPluginError) as caught:
        registry.HANDLERS.get('mine')
    assert str(caught.value).startswith(
        f"handler 'mine' of plugin-a is broken: {reference} failed with {cause.__name__}: "
    )
    assert type(caught.value.__cause__) is cause
    assert (caught.value.group, caught.value.name) == ('kmock.handlers', 'mine')
    assert registry.HANDLERS.get('raw') is RawHandler


def test_two_distributions_with_one_name_are_an_error_that_names_both(install: Install) -> None:
    install('plugin-a', 'Mine = 1', handlers={'mine': 'plugin_a:Mine'})
    install('plugin-b', 'Mine = 2', handlers={'mine': 'plugin_b:Mine'})
    for use in (registry.HANDLERS.names, lambda: registry.HANDLERS.get('mine')):
        with pytest.raises(DuplicatePluginError) as caught:
            use()
        text = str(caught.value)
        assert all(word in text for word in ('plugin_a:Mine', 'plugin-a', 'plugin_b:Mine', 'plugin-b', "'mine'"))


def test_a_distribution_can_not_take_the_name_of_a_built_in(install: Install) -> None:
    install('plugin-a', 'Mine = 1', handlers={'raw': 'plugin_a:Mine'})
    with pytest.raises(DuplicatePluginError, match=r'kmock_core.handlers.raw:RawHandler by kmock-core, .* by plugin-a'):
        registry.HANDLERS.names()


def test_a_distribution_that_is_twice_on_the_path_counts_once(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = install('plugin-a', 'Mine = 1', handlers={'mine': 'plugin_a:Mine', 'gone': 'plugin_a:Gone'})
    newer = older.rename(tmp_path / 'older')
    monkeypatch.syspath_prepend(newer)  # pyright: ignore[reportUnknownMemberType]
    install('plugin-a', 'Newer = 2', handlers={'mine': 'plugin_a:Newer'})
    assert registry.HANDLERS.points()['mine'] == ('plugin_a:Newer', 'plugin-a')
    assert 'gone' not in registry.HANDLERS


def test_the_remains_of_a_broken_installation_are_passed_over(install: Install) -> None:
    site = install('plugin-a', 'Mine = 1', handlers={'mine': 'plugin_a:Mine'})
    (site / '~lugin_b-1.0.dist-info').mkdir()
    (site / 'plugin_c-1.0.dist-info').mkdir()
    (site / 'plugin_c-1.0.dist-info' / 'METADATA').write_bytes(b'\xff\xfe garbage')
    registry.forget()
    assert load('handler', 'mine') == 1


def test_plugins_are_asked_in_their_order_and_then_by_name(install: Install) -> None:
    source = """
class Renderer:
    def __init__(self, *order):
        if order:
            self.order, = order
    def render(self, payload): return NotImplemented
late, early, middle, other = Renderer(900), Renderer(1), Renderer(500), Renderer()
"""
    points = {name: f'plugin_a:{name}' for name in ('late', 'middle', 'other', 'early')}
    install('plugin-a', source, renderers=points)
    registry.RENDERERS.get('early')
    plugin: Any = sys.modules['plugin_a']
    mine = [plugin.early, plugin.middle, plugin.other, plugin.late]
    assert [renderer for renderer in registry.RENDERERS.ordered() if renderer in mine] == mine
    assert registry.RENDERERS.ordered() is registry.RENDERERS.ordered()


# ---- What they are good for. ----


def test_a_notation_of_a_plugin_gives_a_meaning_to_what_has_none(install: Install) -> None:
    source = """
from kmock_core import HTTPCriteria
class Notation:
    order = 300
    def parse(self, item):
        return HTTPCriteria(path=f'/{item}') if item in (5.5, 'my notation', 'get /x') else NotImplemented
mine = Notation()
"""
    install('plugin-a', source, notations={'mine': 'plugin_a:mine'})
    kmock: Any = RawHandler()
    assert kmock[5.5].criteria == HTTPCriteria(path='/5.5')
    assert kmock['my notation'].criteria == HTTPCriteria(path='/my notation')
    assert kmock['get /x'].criteria == HTTPCriteria(method='GET', path='/x')
    with pytest.raises(NotImplementedError):
        kmock[6.5]


def test_a_facet_of_a_plugin_shows_on_requests(install: Install) -> None:
    source = """
class Facet:
    @classmethod
    def parse(cls, request):
        facet = cls()
        facet.tenant = request.headers.get('X-Tenant')
        return facet
"""
    install('plugin-a', source, facets={'tenancy': 'plugin_a:Facet'})
    request: Any = Request(headers={'X-Tenant': 'acme'})
    assert request.tenant == 'acme'
    facet = sys.modules['plugin_a'].Facet
    assert request.facet(facet) is request.facet(facet)
    with pytest.raises(AttributeError, match='nothing'):
        _ = request.nothing


async def test_payloads_and_sinks_of_a_plugin_are_understood(install: Install) -> None:
    source = """
class Thing:
    def __init__(self): self.seen = []
class Renderer:
    order = 500
    def render(self, payload): return b'a thing' if isinstance(payload, Thing) else NotImplemented
class Sink:
    order = 500
    def adapt(self, sink): return sink.seen.append if isinstance(sink, Thing) else NotImplemented
"""
    instances = '\nrenderer, sink = Renderer(), Sink()\n'
    install('plugin-a', source + instances, renderers={'thing': 'plugin_a:renderer'}, sinks={'thing': 'plugin_a:sink'})
    async with RawHandler(strict=True) as kmock:
        registry.RENDERERS.get('thing')
        thing = sys.modules['plugin_a'].Thing()
        kmock << thing >> thing
        assert await (await kmock.get()).read() == b'a thing'
        assert thing.seen == [kmock[0]]
