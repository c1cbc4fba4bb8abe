"""Field selectors: what they select, their texts, and what they refuse."""

import contextlib
import json
from typing import Any, NoReturn, cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kmock_k8s.errors import KubernetesBadRequestError
from kmock_k8s.selectors.fields import FieldSelector, Term

OBJECT: dict[str, Any] = {
    'metadata': {'name': 'other', 'uid': 'u1', 'labels': {'a.b': 'c'}},
    'spec': {
        'yes': True,
        'no': False,
        'three': 3,
        'half': 0.5,
        'big': 1e20,
        'none': None,
        'text': 'x,y=z\\',
        'list': ['a'],
        'object': {'a': 'b'},
        'deep': {'er': {'value': 'é'}},
        'empty': '',
    },
}

SELECTED = [
    ('', True),
    (',', True),
    ('metadata.name=a', True),
    ('metadata.name==a', True),
    ('metadata.name=a,', True),
    (',,metadata.name=a', True),
    ('metadata.name!=a', False),
    ('metadata.name=other', False),
    ('metadata.name!=other', True),
    ('metadata.namespace=ns1', True),
    ('metadata.namespace!=ns1', False),
    ('metadata.namespace=', False),
    ('metadata.name=a,metadata.namespace=ns1', True),
    ('metadata.name=a,metadata.namespace=ns2', False),
    ('metadata.name=a,metadata.name=b', False),
    ('metadata.uid=u1', True),
    ('metadata.uid=u2', False),
    ('metadata.uid!=u2', True),
    ('metadata.name=a,metadata.uid=u2', False),
    ('spec.yes=true', True),
    ('spec.yes=True', False),
    ('spec.no=false', True),
    ('spec.no=', False),
    ('spec.three=3', True),
    ('spec.three=3.0', False),
    ('spec.half=0.5', True),
    ('spec.big=1e+20', True),
    ('spec.none=', True),
    ('spec.none=null', False),
    ('spec.absent=', True),
    ('spec.absent!=', False),
    ('spec.absent!=x', True),
    ('spec.empty=', True),
    ('absent.at.all=', True),
    ('spec.text.beyond=', True),
    (r'spec.text=x\,y\=z\\', True),
    ('spec.deep.er.value=é', True),
    ('spec.list=', False),
    ('spec.list!=a', True),
    ('spec.list.0=a', False),
    ('spec.object=', False),
    ('spec.object!=', True),
    ('spec.object.a=b', True),
    ('spec.object.a=b,spec.object.a!=b', False),
    ('metadata.labels.a.b=c', False),
]

REFUSED = [
    ('nope', "invalid selector: 'nope'; can't understand 'nope'"),
    ('a=b,nope', "invalid selector: 'a=b,nope'; can't understand 'nope'"),
    ('!a', "invalid selector: '!a'; can't understand '!a'"),
    ('a in (b)', "invalid selector: 'a in (b)'; can't understand 'a in (b)'"),
    ('=x', 'field label not supported: '),
    ('!=x', 'field label not supported: '),
    ('.a=x', 'field label not supported: .a'),
    ('a..b=x', 'field label not supported: a..b'),
    ('a =x', 'field label not supported: a '),
    (' a=x', 'field label not supported:  a'),
    ('a===x', r"invalid field selector: unescaped character in value: '=' (type '\=')"),
    ('a=b=c', r"invalid field selector: unescaped character in value: '=' (type '\=')"),
    (r'a=\b', r'invalid field selector: invalid escape sequence: \b'),
    ('a=b\\', 'invalid field selector: invalid escape sequence: \\'),
    ('a=b\\\n', 'invalid field selector: invalid escape sequence: \\\n'),
    ('\\', "invalid selector: '\\'; can't understand '\\'"),
]

paths = st.sampled_from(['metadata.name', 'metadata.namespace']) | st.lists(
    st.text(
        st.characters(exclude_categories=['Cs', 'Z', 'C'], exclude_characters='.,=!\\ \x85'), min_size=1, max_size=3
    ),
    min_size=1,
    max_size=3,
).map('.'.join)
terms = st.builds(Term, paths, st.text(), st.booleans())
garbage = st.text() | st.lists(st.sampled_from(['a', 'b.c', '=', '==', '!=', '\\', ',', '.', ' ', '!', 'é', '\n'])).map(
    ''.join
)

texts = st.text(st.characters(codec=None), max_size=5)
scalars: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | texts
    | st.sampled_from(['1e5', 'NaN', 'é/"\\', '-0', '1.50'])
)


def refuse_to_load() -> NoReturn:
    raise AssertionError('The object is loaded in vain.')


def select(text: str, value: Any) -> bool:
    return FieldSelector.parse(text).matches('a', 'ns1', lambda: {'spec': value})


@pytest.mark.parametrize(('text', 'selected'), SELECTED)
def test_a_selector_selects_by_fields(text: str, selected: bool) -> None:
    assert FieldSelector.parse(text).matches('a', 'ns1', lambda: OBJECT) is selected


@pytest.mark.parametrize(('text', 'selected'), SELECTED)
@pytest.mark.parametrize('ensure_ascii', [True, False])
def test_an_object_that_is_selected_is_never_ruled_out(text: str, selected: bool, ensure_ascii: bool) -> None:
    raw = json.dumps(OBJECT, ensure_ascii=ensure_ascii).encode()
    assert FieldSelector.parse(text).may_match(raw) >= selected


@pytest.mark.parametrize(('text', 'message'), REFUSED)
def test_what_is_no_selector_is_a_bad_request_in_the_words_of_the_api(text: str, message: str) -> None:
    with pytest.raises(KubernetesBadRequestError) as caught:
        FieldSelector.parse(text)
    assert caught.value.message == message
    assert caught.value.as_status()['code'] == 400


@given(st.lists(terms, max_size=4))
def test_the_text_of_a_selector_is_parsed_to_an_equal_one(wanted: list[Term]) -> None:
    selector = FieldSelector(wanted)
    assert FieldSelector.parse(str(selector)) == selector
    assert set(FieldSelector.parse(str(selector)).terms) == set(wanted)
    assert hash(FieldSelector.parse(str(selector))) == hash(selector)


@given(garbage)
def test_any_text_is_either_a_selector_or_a_bad_request(text: str) -> None:
    with contextlib.suppress(KubernetesBadRequestError):
        selector = FieldSelector.parse(text)
        assert FieldSelector.parse(str(selector)) == selector


@given(scalars, st.none() | st.sampled_from([2]), st.booleans(), st.booleans())
@example('\ud800', None, False, False)
@example(1e999, None, True, False)
def test_a_glance_never_rules_out_what_is_selected(value: Any, indent: int | None, ascii: bool, slashes: bool) -> None:
    text = value if isinstance(value, str) else '' if value is None else json.dumps(value)
    selector = FieldSelector([Term('spec', text)])
    written = json.dumps({'spec': value}, indent=indent, ensure_ascii=ascii)
    raw = (written.replace('/', '\\/') if slashes else written).encode('utf-8', 'surrogatepass')
    assert selector.matches('a', None, lambda: cast('dict[str, Any]', json.loads(raw)))
    assert selector.may_match(raw)


@pytest.mark.parametrize(
    'number', ['1e2', '1E2', '1.50', '-0', '-0.0', '0.1e1', '1e999', '-1e999', '100', '1e-7', 'NaN']
)
def test_a_glance_never_rules_out_numbers_that_were_written_in_another_way(number: str) -> None:
    loaded: dict[str, Any] = json.loads(f'{{"n": {number}}}')
    selector = FieldSelector([Term('n', json.dumps(loaded['n']))])
    assert selector.matches('a', None, lambda: loaded)
    assert selector.may_match(f'{{"n": {number}}}'.encode())


def test_a_glance_rules_out_objects_without_the_value() -> None:
    selector = FieldSelector.parse('spec.nodeName=node1,status.phase=Running')
    assert selector.may_match(b'{"spec":{"nodeName":"node1"},"status":{"phase":"Running"}}')
    assert not selector.may_match(b'{"spec":{"nodeName":"node2"},"status":{"phase":"Running"}}')
    assert not selector.may_match(b'{"spec":{"nodeName":"node1"},"status":{"phase":"Failed"}}')


@pytest.mark.parametrize('text', ['', 'metadata.name=a', 'metadata.namespace=b', 'spec.x!=y', 'spec.x=', 'spec.x=1.5'])
def test_a_glance_rules_out_nothing_where_no_value_has_to_be_in_the_json(text: str) -> None:
    assert FieldSelector.parse(text).may_match(b'{}')


@pytest.mark.parametrize(
    ('text', 'selected'),
    [
        ('', True),
        ('metadata.name=a,metadata.namespace!=ns2', True),
        ('metadata.name=b,spec.x=1', False),
        ('metadata.namespace=ns2,spec.x=1', False),
    ],
)
def test_an_object_is_only_loaded_if_the_key_does_not_decide(text: str, selected: bool) -> None:
    assert FieldSelector.parse(text).matches('a', 'ns1', refuse_to_load) is selected


@pytest.mark.parametrize(('text', 'selected'), [('metadata.namespace=', True), ('metadata.namespace!=', False)])
def test_the_namespace_of_cluster_wide_objects_is_empty(text: str, selected: bool) -> None:
    assert FieldSelector.parse(text).matches('a', None, refuse_to_load) is selected


@pytest.mark.parametrize(
    ('text', 'path', 'value'),
    [
        ('metadata.name=a', 'metadata.name', 'a'),
        ('spec.x=1,metadata.name==a', 'metadata.name', 'a'),
        ('metadata.name=', 'metadata.name', ''),
        ('metadata.name!=a', 'metadata.name', None),
        ('metadata.name!=a,metadata.name=b', 'metadata.name', 'b'),
        ('metadata.name=a', 'metadata.namespace', None),
        ('', 'metadata.name', None),
    ],
)
def test_the_exact_value_is_that_of_an_equality(text: str, path: str, value: str | None) -> None:
    assert FieldSelector.parse(text).exact(path) == value


@pytest.mark.parametrize(('text', 'restricts'), [('', False), (',', False), ('a=', True), ('a!=b', True)])
def test_a_selector_is_false_if_it_selects_everything(text: str, restricts: bool) -> None:
    assert bool(FieldSelector.parse(text)) is restricts


@pytest.mark.parametrize(('one', 'two'), [('a=b', 'a==b'), ('a=b,c=d', 'c=d,a=b'), ('a=b,', 'a=b'), ('a=b,a=b', 'a=b')])
def test_selectors_that_demand_the_same_are_equal(one: str, two: str) -> None:
    assert FieldSelector.parse(one) == FieldSelector.parse(two)


@pytest.mark.parametrize('other', ['a=c', 'a!=b', 'b=b', '', 'a=b,c=d'])
def test_selectors_that_demand_other_things_are_not_equal(other: str) -> None:
    assert FieldSelector.parse(other) != FieldSelector.parse('a=b')


def test_a_selector_is_not_equal_to_its_text() -> None:
    assert FieldSelector.parse('a=b') != cast('object', 'a=b')
    assert repr(FieldSelector.parse('a==b')) == "FieldSelector.parse('a=b')"


def test_a_text_is_parsed_once() -> None:
    assert FieldSelector.parse('once=only') is FieldSelector.parse('once=only')
