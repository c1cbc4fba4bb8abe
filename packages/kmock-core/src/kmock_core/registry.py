"""The entry-point groups: what is installed, by name, loaded when it is first used.

The built-ins of this package stand in its own metadata too; here they are known without reading any.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast
from weakref import WeakSet

from kmock_core.errors import BrokenPluginError, DuplicatePluginError, UnknownPluginError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from kmock_core.spi import Command, Notation, Renderer, SinkAdapter, Transport
    from kmock_core.values.requests import Facet

T = TypeVar('T')

_installed: 'dict[str, list[EntryPoint]] | None' = None
_groups: 'WeakSet[Group[Any]]' = WeakSet()
"""All groups that there are, those of other packages too."""


def installed(group: str) -> 'list[EntryPoint]':
    """The entry points of a group in all installed distributions; the metadata is read once a process."""
    global _installed
    if _installed is None:
        from importlib.metadata import distributions

        found: dict[str, list[EntryPoint]] = {}
        seen: set[str] = set()
        for distribution in distributions():
            try:
                # By the name of its folder, as importlib.metadata does it by itself: the name proper takes five times
                # as long as all else here, as it is in a file with the whole description.
                key: str = getattr(distribution, '_normalized_name', None) or distribution.name
                points = [point for point in distribution.entry_points if point.group.startswith('kmock.')]
                name = distribution.name if points else key
            except Exception:  # the remains of a broken installation: nothing that could be named
                continue
            if not name or key in seen:  # shadowed: an earlier entry of sys.path has it too
                continue
            seen.add(key)
            for point in points:
                found.setdefault(point.group, []).append(point)
        _installed = found
    return _installed.get(group, [])


def forget() -> None:
    """Forget what was read and loaded, as if nothing had been asked for: after an installation in this process."""
    global _installed
    _installed = None
    for group in list(_groups):
        group.forget()


class Group(Generic[T]):
    """One entry-point group: a lazy mapping of names to what they load to.

    Args:
        name: that of the group.
        noun: what its members are, for errors.
        builtins: those that are known without reading any metadata.
        home: the distribution that these come from.
    """

    def __init__(
        self, name: str, noun: str, builtins: Mapping[str, str] | None = None, home: str = 'kmock-core'
    ) -> None:
        self.name = name
        self.noun = noun
        self.builtins: dict[str, str] = dict(builtins or {})
        self.home = home
        self._points: dict[str, tuple[str, str]] | None = None
        self._loaded: dict[str, T] = {}
        self._ordered: tuple[T, ...] | None = None
        _groups.add(self)

    def __repr__(self) -> str:
        return f'<Group {self.name}: {", ".join(self.names())}>'

    def __contains__(self, name: object) -> bool:
        return name in self.points()

    def points(self) -> dict[str, tuple[str, str]]:
        """Every name with its object reference and its distribution."""
        if self._points is None:
            points = {name: (value, self.home) for name, value in self.builtins.items()}
            for point in installed(self.name):
                value = point.value.replace(' ', '')
                dist = point.dist.name if point.dist is not None else 'unknown'
                known = points.get(point.name)
                if known is not None and known[0] != value:
                    raise DuplicatePluginError(
                        f'{self.noun} {point.name!r} is defined twice: as {known[0]} by {known[1]}, '
                        f'and as {value} by {dist}; uninstall one of the two',
                        group=self.name,
                        name=point.name,
                    )
                if known is None:
                    points[point.name] = (value, dist)
            self._points = points
        return self._points

    def names(self) -> list[str]:
        """The known names, sorted."""
        return sorted(self.points())

    def get(self, name: str) -> T:
        """Load by name; the errors list what is known, or name the distribution that is broken."""
        if name in self._loaded:
            return self._loaded[name]
        reference = self.builtins.get(name)
        dist = self.home
        if reference is None:
            try:
                reference, dist = self.points()[name]
            except KeyError:
                known = ', '.join(self.names()) or 'none'
                message = f'no {self.noun} {name!r} (known: {known})'
                raise UnknownPluginError(message, group=self.name, name=name) from None
        self._loaded[name] = value = cast('T', load(reference, self.noun, self.name, name, dist))
        return value

    def ordered(self) -> tuple[T, ...]:
        """All that came by plugins, by their ``order`` (500 by default), then by name; built-ins are not in it."""
        if self._ordered is None:
            names = [name for name in self.names() if name not in self.builtins]
            loaded = [(getattr(value := self.get(name), 'order', 500), name, value) for name in names]
            self._ordered = tuple(value for _, _, value in sorted(loaded, key=lambda item: item[:2]))
        return self._ordered

    def values(self) -> Iterator[T]:
        """All of them, loaded, by name."""
        return (self.get(name) for name in self.names())

    def forget(self) -> None:
        """Forget what was read and loaded."""
        self._points = None
        self._ordered = None
        self._loaded.clear()


def load(reference: str, noun: str, group: str, name: str, dist: str) -> Any:
    """Import ``module:attribute``; any failure is a `BrokenPluginError` with the name of the distribution."""
    module, _, path = reference.partition(':')
    try:
        value: Any = import_module(module)
        for attribute in filter(None, path.split('.')):
            value = getattr(value, attribute)
    except Exception as exc:
        message = f'{noun} {name!r} of {dist} is broken: {reference} failed with {type(exc).__name__}: {exc}'
        raise BrokenPluginError(message, group=group, name=name) from exc
    return value


EXPORTS: 'Group[Any]' = Group('kmock.exports', 'exports', {'core': 'kmock_core'})
TRANSPORTS: 'Group[Transport]' = Group(
    'kmock.transports',
    'transport',
    {'inprocess': 'kmock_core.transports.inprocess:serve', 'asgi': 'kmock_core.transports.asgi:serve'},
)
HANDLERS: 'Group[type[Any]]' = Group('kmock.handlers', 'handler', {'raw': 'kmock_core.handlers.raw:RawHandler'})
NOTATIONS: 'Group[Notation]' = Group(
    'kmock.notations',
    'notation',
    {
        'http': 'kmock_core.criteria.notations:HTTP',
        'values': 'kmock_core.criteria.notations:VALUES',
        'text': 'kmock_core.criteria.notations:TEXT',
    },
)
RENDERERS: 'Group[Renderer]' = Group(
    'kmock.renderers',
    'renderer',
    {
        'values': 'kmock_core.rendering.compiling:VALUES',
        'callables': 'kmock_core.rendering.compiling:CALLABLES',
    },
)
SINKS: 'Group[SinkAdapter]' = Group(
    'kmock.sinks',
    'sink',
    {'values': 'kmock_core.sinks.adapters:VALUES', 'callables': 'kmock_core.sinks.adapters:CALLABLES'},
)
FACETS: 'Group[type[Facet]]' = Group('kmock.facets', 'facet')
COMMANDS: 'Group[Command]' = Group('kmock.commands', 'command', {'plugins': 'kmock_core.cli:PLUGINS'})

GROUPS: tuple[Group[Any], ...] = (EXPORTS, TRANSPORTS, HANDLERS, NOTATIONS, RENDERERS, SINKS, FACETS, COMMANDS)
"""The groups of this package, in the order of the documentation."""


def list_groups() -> 'list[Group[Any]]':
    """The groups of this package, then those which only other distributions have, by name."""
    installed(EXPORTS.name)
    own = {group.name for group in GROUPS}
    return [*GROUPS, *(Group(name, 'plugin') for name in sorted(_installed or {}) if name not in own)]
