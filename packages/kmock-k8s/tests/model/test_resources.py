"""Naming resources in all of the ways."""

import copy
import pickle
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kmock
from kmock_core.errors import KMockError
from kmock_k8s import resource
from kmock_k8s.errors import ResourceNotationError
from kmock_k8s.model.resources import key_of, parts_of


@dataclass(frozen=True)
class Selector:
    """As those of other libraries: it has more than the three parts."""

    group: str | None
    version: str | None
    plural: str | None
    kind: str = 'Whatever'


KOPFEXAMPLES = ('kopf.dev', 'v1', 'kopfexamples')
PODS = ('', 'v1', 'pods')

NOTATIONS: list[tuple[tuple[Any, ...], tuple[str | None, str | None, str | None]]] = [
    (('kopf.dev', 'v1', 'kopfexamples'), KOPFEXAMPLES),
    (('kopf.dev/v1/kopfexamples',), KOPFEXAMPLES),
    (('kopfexamples.v1.kopf.dev',), KOPFEXAMPLES),
    (('kopf.dev/v1', 'kopfexamples'), KOPFEXAMPLES),
    ((('kopf.dev', 'v1', 'kopfexamples'),), KOPFEXAMPLES),
    ((Selector(*KOPFEXAMPLES),), KOPFEXAMPLES),
    (('kopf.dev/v1beta1/kopfexamples',), ('kopf.dev', 'v1beta1', 'kopfexamples')),
    (('kopfexamples.v2alpha1.kopf.dev',), ('kopf.dev', 'v2alpha1', 'kopfexamples')),
    (('kopf.dev/stable/kopfexamples',), ('kopf.dev', 'stable', 'kopfexamples')),
    (('v1/pods',), PODS),
    (('/v1/pods',), PODS),
    (('pods.v1',), PODS),
    (('v1', 'pods'), PODS),
    (('kopf.dev', 'v1'), ('kopf.dev', 'v1', None)),
    (('', 'v1beta1'), ('', 'v1beta1', None)),
    (('', 'v1', 'pods'), PODS),
    (('/v1', 'pods'), PODS),
    (('pods',), (None, None, 'pods')),
    ((None, 'pods'), (None, None, 'pods')),
    ((Selector(None, None, 'pods'),), (None, None, 'pods')),
    (('kopfexamples.kopf.dev',), ('kopf.dev', None, 'kopfexamples')),
    (('kopf.dev', 'kopfexamples'), ('kopf.dev', None, 'kopfexamples')),
    (('kopf.dev/v1',), ('kopf.dev', 'v1', None)),
    (('kopf.dev', 'v1', None), ('kopf.dev', 'v1', None)),
    (('v1',), ('', 'v1', None)),
    ((), (None, None, None)),
]


@pytest.mark.parametrize(('args', 'parts'), NOTATIONS, ids=repr)
def test_every_notation_denotes_its_parts(args: tuple[Any, ...], parts: tuple[str | None, ...]) -> None:
    named = resource(*args)
    assert (named.group, named.version, named.plural) == parts
    assert named.full == (None not in parts)


@pytest.mark.parametrize(('args', 'parts'), NOTATIONS, ids=repr)
def test_all_notations_of_a_resource_are_equal_with_equal_hashes(
    args: tuple[Any, ...], parts: tuple[str | None, str | None, str | None]
) -> None:
    group, version, plural = parts
    twin = resource(group=group, version=version, plural=plural)
    assert resource(*args) == twin
    assert hash(resource(*args)) == hash(twin)
    assert {resource(*args): 'found'}[twin] == 'found'


@pytest.mark.parametrize(
    'denoting', ['v1/pods', 'pods.v1', ('', 'v1', 'pods'), ('v1', 'pods'), Selector(*PODS)], ids=repr
)
def test_a_resource_equals_whatever_denotes_it(denoting: object) -> None:
    assert resource('v1/pods') == denoting
    assert denoting == resource('v1/pods')


@pytest.mark.parametrize(
    'other', ['pods', 'v1', 'v1/nodes', 'no resource', '', (), ('',), Selector('', 'v1', 'x'), 5, None]
)
def test_a_resource_differs_from_whatever_does_not_denote_it(other: object) -> None:
    assert resource('v1/pods') != other


def test_a_resource_can_be_named_in_brackets() -> None:
    assert resource['pods'] == resource('pods')
    assert resource['v1', 'pods'] == resource('v1', 'pods')
    assert resource['kopf.dev', 'v1', 'kopfexamples'] == resource('kopf.dev/v1/kopfexamples')
    assert kmock.resource[Selector(*PODS)] == 'v1/pods'


def test_keywords_complete_the_arguments() -> None:
    assert resource('kopfexamples', group='kopf.dev') == resource('kopfexamples.kopf.dev')
    assert resource('v1/pods', version='v1') == resource('v1/pods')


def test_a_contradicting_keyword_is_an_error_that_names_both() -> None:
    with pytest.raises(ResourceNotationError, match="'pods' or 'nodes'"):
        resource('v1/pods', plural='nodes')


@pytest.mark.parametrize(
    'text',
    [
        '', ' ', 'a b', 'v1/pods ', '/', '//', 'a/', '/a', 'a/b', 'pods/log', 'v1/pods/log', 'a/v1/b/c', '.', 'a.',
        '.a', 'a..b', 'v1.apps', 'a//b', 'a/v1/', '/v1',
    ],
)  # fmt: skip
def test_a_text_that_denotes_no_resource_is_an_error_that_shows_it(text: str) -> None:
    with pytest.raises(ResourceNotationError) as info:
        resource(text)
    assert repr(text) in str(info.value)
    assert 'kopf.dev/v1/kopfexamples' in str(info.value)
    assert info.value.given == text


@pytest.mark.parametrize(
    'args', [(5,), (None,), ((),), ('a', 'b', 'c', 'd'), (5, 'v1', 'pods'), ('a/b/c', 'd'), ('a/', 'd')]
)
def test_other_values_denote_no_resource(args: Any) -> None:
    with pytest.raises(ResourceNotationError) as info:
        resource(*args)
    assert isinstance(info.value, KMockError)
    assert isinstance(info.value, ValueError)


CHECKS = [
    ('pods', 'v1/pods', True),
    ('pods', 'metrics.k8s.io/v1beta1/pods', True),
    ('pods', 'v1/nodes', False),
    ('pods.v1', 'metrics.k8s.io/v1/pods', False),
    ('kopf.dev/v1', 'kopf.dev/v1/kopfexamples', True),
    ('kopf.dev/v1', 'kopf.dev/v2/kopfexamples', False),
    ('kopfexamples.kopf.dev', 'kopf.dev/v2/kopfexamples', True),
    ('v1', 'v1/pods', True),
    ('v1', 'apps/v1/deployments', False),
    ('v1/pods', 'v1/pods', True),
    ('v1/pods', 'pods', False),
    ('pods', 'v1', False),
]


@pytest.mark.parametrize(('selector', 'other', 'expected'), CHECKS)
def test_absent_parts_are_any_when_another_resource_is_checked(selector: str, other: str, expected: bool) -> None:
    assert resource(selector).check(other) is expected
    assert resource(selector).check(resource(other)) is expected
    assert resource(selector).check(Selector(*parts_of(other))) is expected


def test_a_resource_without_any_parts_selects_everything() -> None:
    assert resource().check('v1/pods')
    assert resource().check(resource())


def test_a_full_resource_has_a_key_that_equals_it_in_mappings() -> None:
    key = resource('kopfexamples.v1.kopf.dev').key
    assert key == KOPFEXAMPLES
    assert {key: 'found'}[resource('kopf.dev/v1/kopfexamples')] == 'found'  # type: ignore[index]  # pyright: ignore[reportArgumentType]
    assert [key_of(item) for item in ('v1/pods', PODS, resource('v1/pods'), Selector(*PODS))] == [PODS] * 4


@pytest.mark.parametrize('text', ['pods', 'v1', 'kopf.dev/v1', 'kopfexamples.kopf.dev'])
def test_a_selector_has_no_key_and_says_what_to_type(text: str) -> None:
    with pytest.raises(ResourceNotationError, match='not one resource: type its group, version and plural'):
        resource(text).key
    with pytest.raises(ResourceNotationError, match='not one resource'):
        key_of(text)


@pytest.mark.parametrize('name', ['group', 'plural', 'anything'])
def test_a_resource_can_not_be_changed(name: str) -> None:
    pods = resource('v1/pods')
    with pytest.raises(AttributeError, match='can not be changed'):
        setattr(pods, name, 'x')
    with pytest.raises(AttributeError, match='can not be changed'):
        delattr(pods, name)
    assert pods == 'v1/pods'


@pytest.mark.parametrize('text', ['v1/pods', 'pods', 'v1', 'kopf.dev/v1'])
def test_copies_of_a_resource_equal_it(text: str) -> None:
    original = resource(text)
    assert copy.deepcopy(original) == pickle.loads(pickle.dumps(original)) == resource(original) == original


@pytest.mark.parametrize(
    'text', ['v1/pods', 'kopf.dev/v1/kopfexamples', 'kopfexamples.kopf.dev', 'pods', 'kopf.dev/v1', 'v1']
)
def test_the_text_of_a_resource_is_its_shortest_notation(text: str) -> None:
    assert str(resource(text)) == text


def test_the_text_of_what_no_notation_denotes_is_what_to_type() -> None:
    assert str(resource(group='', plural='pods')) == "resource(group='', plural='pods')"
    assert str(resource('odd/group', 'v1', 'pods')) == "resource(group='odd/group', version='v1', plural='pods')"


_parts = st.none() | st.sampled_from(['', 'v1', 'v1beta1', 'pods', 'kopf.dev', 'a/b', 'x y', '.']) | st.text(max_size=5)


@given(_parts, _parts, _parts)
def test_what_a_resource_shows_of_itself_denotes_it(group: str | None, version: str | None, plural: str | None) -> None:
    original = resource(group, version, plural)
    assert eval(repr(original)) == original
    if str(original) != repr(original):
        assert resource(str(original)) == original


@given(st.text(alphabet='v1./ab-'))
def test_any_text_is_either_a_notation_or_an_error_of_ours(text: str) -> None:
    try:
        parts = parts_of(text)
    except ResourceNotationError:
        return
    assert any(parts)
