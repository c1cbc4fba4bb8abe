"""Criteria on what requests mean to the API."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kmock
from kmock_core.errors import ContradictionError
from kmock_k8s import K8sCriteria, name, namespace, resource, subresource
from kmock_k8s.errors import ResourceNotationError

PODS = '/api/v1/namespaces/ns1/pods'

LISTED = kmock.Request('GET', PODS)
EVERYWHERE = kmock.Request('GET', '/api/v1/pods')
WATCHED = kmock.Request('GET', f'{PODS}?watch=1')
FETCHED = kmock.Request('GET', f'{PODS}/pod1')
STATUS = kmock.Request('GET', f'{PODS}/pod1/status')
CREATED = kmock.Request('POST', '/api/v1/pods', data={'metadata': {'name': 'pod1', 'namespace': 'ns1'}})
DELETED = kmock.Request('DELETE', '/apis/kopf.dev/v1/namespaces/ns2/kopfexamples/x')
DISCOVERED = kmock.Request('GET', '/api/v1')
FOREIGN = kmock.Request('GET', '/x')

ALL = [LISTED, EVERYWHERE, WATCHED, FETCHED, STATUS, CREATED, DELETED, DISCOVERED, FOREIGN]


@dataclass(frozen=True)
class Selector:
    group: str | None
    version: str | None
    plural: str | None


def shown(value: object) -> str:
    """The value as it is in the name of a test: the same in each process, with no addresses."""
    return re.sub(' at 0x[0-9a-f]+', '', repr(value))


def ends_with_two(text: str) -> bool:
    return text.endswith('2')


FIELDS: list[tuple[K8sCriteria, list[kmock.Request]]] = [
    (K8sCriteria(), ALL),
    (K8sCriteria(method='get'), [LISTED, EVERYWHERE, WATCHED, FETCHED, STATUS, DISCOVERED, FOREIGN]),
    (K8sCriteria(method={'post', 'DELETE'}), [CREATED, DELETED]),
    (K8sCriteria(method=re.compile('P.*')), [CREATED]),
    (K8sCriteria(action='list'), [LISTED, EVERYWHERE]),
    (K8sCriteria(action=kmock.WATCH), [WATCHED]),
    (K8sCriteria(action={'fetch', kmock.DELETE}), [FETCHED, STATUS, DELETED]),
    (K8sCriteria(action=['fetch', None]), [FETCHED, STATUS, DISCOVERED, FOREIGN]),
    (K8sCriteria(action=re.compile('.*E')), [CREATED, DELETED]),
    (K8sCriteria(action=None), [DISCOVERED, FOREIGN]),
    (K8sCriteria(action='approve'), []),
    (K8sCriteria(resource='pods'), [LISTED, EVERYWHERE, WATCHED, FETCHED, STATUS, CREATED]),
    (K8sCriteria(resource='kopf.dev/v1'), [DELETED]),
    (K8sCriteria(resource=resource(group='kopf.dev')), [DELETED]),
    (K8sCriteria(resource='kopf.dev/v2/kopfexamples'), []),
    (K8sCriteria(resource=('v1', 'pods'), action='create'), [CREATED]),
    (K8sCriteria(resource=Selector('kopf.dev', None, 'kopfexamples')), [DELETED]),
    (K8sCriteria(resource={'nodes', 'kopfexamples'}), [DELETED]),
    (K8sCriteria(resource=['kopfexamples', None]), [DELETED, DISCOVERED, FOREIGN]),
    (K8sCriteria(resource=re.compile(r'kopf\.dev/.*')), [DELETED]),
    (K8sCriteria(resource=re.compile('pods')), []),
    (K8sCriteria(resource=resource()), [LISTED, EVERYWHERE, WATCHED, FETCHED, STATUS, CREATED, DELETED]),
    (K8sCriteria(resource=None), [DISCOVERED, FOREIGN]),
    (namespace('ns1'), [LISTED, WATCHED, FETCHED, STATUS, CREATED]),
    (namespace('ns*'), [LISTED, WATCHED, FETCHED, STATUS, CREATED, DELETED]),
    (namespace('ns[2-9]'), [DELETED]),
    (namespace('NS1'), []),
    (namespace(None), [EVERYWHERE, DISCOVERED, FOREIGN]),
    (namespace(), ALL),
    (namespace('ns2', 'ns3'), [DELETED]),
    (namespace({'ns2', 'ns3'}), [DELETED]),
    (namespace(['*2', None]), [EVERYWHERE, DELETED, DISCOVERED, FOREIGN]),
    (namespace(re.compile(r'ns\d')), [LISTED, WATCHED, FETCHED, STATUS, CREATED, DELETED]),
    (namespace(re.compile('ns')), []),
    (namespace(ends_with_two), [DELETED]),
    (name('pod1'), [FETCHED, STATUS, CREATED]),
    (name('pod?'), [FETCHED, STATUS, CREATED]),
    (name('*'), [FETCHED, STATUS, CREATED, DELETED]),
    (name('pod2'), []),
    (name(None), [LISTED, EVERYWHERE, WATCHED, DISCOVERED, FOREIGN]),
    (subresource('status'), [STATUS]),
    (subresource('status', 'scale'), [STATUS]),
    (subresource(re.compile('s.*')), [STATUS]),
    (subresource(None), [request for request in ALL if request is not STATUS]),
    (K8sCriteria(action='fetch', resource='v1/pods', namespace='ns1', name='pod1', subresource=None), [FETCHED]),
]


@pytest.mark.parametrize(('criteria', 'expected'), FIELDS, ids=shown)
def test_the_fields_say_what_requests_are_like(criteria: K8sCriteria, expected: list[kmock.Request]) -> None:
    assert [request for request in ALL if criteria.check(request)] == expected


@pytest.mark.parametrize(('criteria', 'expected'), FIELDS, ids=shown)
def test_the_explanation_agrees_with_the_verdict(criteria: K8sCriteria, expected: list[kmock.Request]) -> None:
    assert [request for request in ALL if all(f.held for f in criteria.explain(request))] == expected


def test_a_name_with_a_slash_is_one_name() -> None:
    assert name('a/b').check(kmock.Request('GET', f'{PODS}/a%2Fb'))
    assert name('a/*').check(kmock.Request('GET', f'{PODS}/a%2Fb'))


def test_a_name_with_the_marks_of_globs_equals_itself() -> None:
    assert name('[x]').check(kmock.Request('GET', f'{PODS}/[x]'))


def test_an_explanation_contrasts_what_came_with_what_was_wanted() -> None:
    criteria = K8sCriteria(
        method='put', action='update', resource='v1/nodes', subresource='scale', namespace=None, name='pod*'
    )
    assert [(f.label, f.held, f.detail) for f in criteria.explain(STATUS)] == [
        ('method', False, 'method: GET != PUT'),
        ('action', False, 'action: FETCH != UPDATE'),
        ('resource', False, 'resource: v1/pods != v1/nodes'),
        ('subresource', False, "subresource: 'status' != 'scale'"),
        ('namespace', False, "namespace: 'ns1' != nothing"),
        ('name', True, ''),
    ]


def test_an_explanation_names_what_is_absent_and_what_are_alternatives() -> None:
    findings = K8sCriteria(action={'watch', 'list'}, resource='pods').explain(FOREIGN)
    assert [f.detail for f in findings] == ['action: nothing != {LIST, WATCH}', 'resource: nothing != pods']


# ---- Merging ----

MERGED = [
    (K8sCriteria(action='list'), namespace('ns1'), K8sCriteria(action='list', namespace='ns1')),
    (K8sCriteria(), name('x'), name('x')),
    (name('x'), K8sCriteria(), name('x')),
    (name(None), name(None), name(None)),
    (name('x'), name('x'), name('x')),
    (K8sCriteria(resource='pods'), K8sCriteria(resource='v1/pods'), K8sCriteria(resource='v1/pods')),
    (K8sCriteria(resource='v1'), K8sCriteria(resource='pods'), K8sCriteria(resource='v1/pods')),
    (K8sCriteria(resource=None), K8sCriteria(resource=None), K8sCriteria(resource=None)),
    (
        K8sCriteria(action={'list', 'watch'}),
        K8sCriteria(action={'LIST', 'WATCH'}),
        K8sCriteria(action={'list', 'watch'}),
    ),
]


@pytest.mark.parametrize(('first', 'second', 'both'), MERGED, ids=shown)
def test_criteria_merge_field_by_field(first: K8sCriteria, second: K8sCriteria, both: K8sCriteria) -> None:
    assert first.merge(second) == both


CONTRADICTIONS = [
    ('method', K8sCriteria(method='get'), K8sCriteria(method='post')),
    ('action', K8sCriteria(action='list'), K8sCriteria(action='watch')),
    ('action', K8sCriteria(action='list'), K8sCriteria(action=None)),
    ('resource', K8sCriteria(resource='pods'), K8sCriteria(resource='v1/nodes')),
    ('resource', K8sCriteria(resource='v1'), K8sCriteria(resource='pods.kopf.dev')),
    ('resource', K8sCriteria(resource='pods'), K8sCriteria(resource=None)),
    ('namespace', namespace('a'), namespace('b')),
    ('namespace', namespace('a'), namespace(None)),
    ('name', name('a'), name('b')),
    ('subresource', subresource('status'), subresource(None)),
]


@pytest.mark.parametrize(('field', 'first', 'second'), CONTRADICTIONS, ids=shown)
def test_a_contradiction_is_an_error_that_names_the_field(field: str, first: K8sCriteria, second: K8sCriteria) -> None:
    for one, other in ((first, second), (second, first)):
        with pytest.raises(ContradictionError, match=f'Ambiguous values of {field}: ') as info:
            one.merge(other)
        assert info.value.field == field


def test_criteria_of_other_kinds_are_not_merged() -> None:
    assert name('x').merge(kmock.HTTPCriteria(path='/x')) is None


def test_criteria_in_brackets_merge_at_once() -> None:
    handler = kmock.RawHandler()
    view = handler['list', kmock.resource['pods']][kmock.namespace('ns1')]
    assert repr(view) == "kmock['list pods', namespace('ns1')]"
    with pytest.raises(ContradictionError, match=r"namespace: 'ns1' vs\. 'ns2'"):
        view[kmock.namespace('ns2')]


_resources = st.sampled_from(['pods', 'v1/pods', 'v1', 'v1/nodes', 'nodes', 'kopf.dev/v1', 'kopfexamples'])
_criteria = st.builds(
    K8sCriteria,
    action=st.sampled_from([..., 'list', 'fetch', 'delete', None]),
    resource=_resources | st.sampled_from([..., None]),
    namespace=st.sampled_from([..., 'ns1', 'ns2', None]),
    name=st.sampled_from([..., 'pod1', 'x', None]),
)


@given(_criteria, _criteria)
def test_merged_criteria_hold_where_both_hold_and_contradictions_nowhere(
    first: K8sCriteria, second: K8sCriteria
) -> None:
    both = [request for request in ALL if first.check(request) and second.check(request)]
    try:
        merged = first.merge(second)
    except ContradictionError:
        assert both == []
    else:
        assert merged is not None
        assert [request for request in ALL if merged.check(request)] == both


# ---- What is refused, what is shown ----


@pytest.mark.parametrize('given_', ['a b', 'pods/log', 5, {'': 1}, {'v1/'}])
def test_what_denotes_no_resource_is_refused_at_once(given_: Any) -> None:
    with pytest.raises(ResourceNotationError):
        K8sCriteria(resource=given_)


def test_what_can_be_no_action_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match='is not an action'):
        K8sCriteria(action='list pods')


def test_criteria_are_equal_by_their_fields() -> None:
    assert K8sCriteria(action='list', resource='pods.v1') == K8sCriteria(action=kmock.LIST, resource='v1/pods')
    assert name('x') != name('y')
    assert name('x') != kmock.HTTPCriteria()
    with pytest.raises(TypeError, match='unhashable'):
        hash(name('x'))


SHOWN = [
    (K8sCriteria(), 'None', 'K8sCriteria()'),
    (K8sCriteria(action='list'), "'list'", 'K8sCriteria(action=LIST)'),
    (K8sCriteria(action='delete'), 'DELETE', 'K8sCriteria(action=DELETE)'),
    (K8sCriteria(action='delete', resource='pods'), "'delete pods'", 'K8sCriteria(action=DELETE, resource=pods)'),
    (K8sCriteria(method='delete', resource='pods'), "'delete pods'", 'K8sCriteria(method=DELETE, resource=pods)'),
    (K8sCriteria(resource='v1/pods'), "'v1/pods'", 'K8sCriteria(resource=v1/pods)'),
    (K8sCriteria(resource='pods'), "resource(plural='pods')", 'K8sCriteria(resource=pods)'),
    (K8sCriteria(resource=None), 'K8sCriteria(resource=nothing)', 'K8sCriteria(resource=nothing)'),
    (K8sCriteria(action={'list', 'watch'}), 'K8sCriteria(action={LIST, WATCH})', 'K8sCriteria(action={LIST, WATCH})'),
    (name('a', 'b'), "name(['a', 'b'])", "K8sCriteria(name={'a', 'b'})"),
    (namespace(None), 'namespace(None)', 'K8sCriteria(namespace=nothing)'),
    (
        K8sCriteria(action='list', resource='v1/pods', namespace='n*'),
        "'list v1/pods', namespace('n*')",
        "K8sCriteria(action=LIST, resource=v1/pods, namespace='n*')",
    ),
]


@pytest.mark.parametrize(('criteria', 'notation', 'shown'), SHOWN)
def test_criteria_show_what_to_type_for_them(criteria: K8sCriteria, notation: str, shown: str) -> None:
    assert criteria.notation == notation
    assert repr(criteria) == shown


async def test_an_unmatched_request_is_explained_field_by_field() -> None:
    async with kmock.RawHandler() as handler:
        handler['watch v1/pods', kmock.namespace('ns1')] << b'events'
        response = await handler.get(PODS)
        explanation = await response.text()
    assert '✗ action: LIST != WATCH' in explanation
    assert '✓ resource' in explanation
    assert '✓ namespace' in explanation
