"""Label selectors: what they select, their texts, and what they refuse."""

import contextlib
from collections.abc import Mapping
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmock_k8s.errors import KubernetesBadRequestError
from kmock_k8s.selectors.labels import LabelSelector
from kmock_k8s.selectors.requirements import Operator, Requirement

LABELS: dict[str, dict[str, str]] = {
    'a': {'app': 'x', 'tier': 'f', 'n': '7'},
    'b': {'app': 'y', 'tier': 'b', 'n': '3'},
    'c': {'tier': 'z'},
    'd': {'app': 'x', 'a.b/c': '1', 'empty': '', 'in': 'notin'},
    'e': {},
}

SELECTED = [
    ('', 'abcde'),
    (' \t\r\n', 'abcde'),
    ('app=x', 'ad'),
    ('app==x', 'ad'),
    ('app!=x', 'bce'),
    ('app in (x,y)', 'abd'),
    ('app in(x,y)', 'abd'),
    ('app notin (x)', 'bce'),
    ('app', 'abd'),
    ('!app', 'ce'),
    ('! app', 'ce'),
    ('app=x,tier=f', 'a'),
    ('tier', 'abc'),
    ('app in (x),tier notin (f)', 'd'),
    ('app in (x),tier notin (f),!n,empty', 'd'),
    ('app=x,app=y', ''),
    ('n>5', 'a'),
    ('n<5', 'b'),
    ('n > 2 , n < 8', 'ab'),
    ('n>7', ''),
    ('n<03', ''),
    ('app>1', ''),
    ('app=', ''),
    ('app in ()', ''),
    ('app notin ()', 'abcde'),
    ('nope=1', ''),
    (' app = x ', 'ad'),
    ('a.b/c=1', 'd'),
    ('!app,tier=z', 'c'),
    ('empty=', 'd'),
    ('empty!=', 'abce'),
    ('empty=,app', 'd'),
    ('empty in (,x)', 'd'),
    ('app notin (x,)', 'bce'),
    ('app in (x,)', 'ad'),
    ('app in (y,,x)', 'abd'),
    ('in=notin', 'd'),
    ('in in (in,notin)', 'd'),
    ('notin', ''),
]

CHARACTERS = "alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
NO_VALUE = (
    f'a valid label must be an empty string or consist of {CHARACTERS} '
    "(e.g. 'MyValue',  or 'my_value',  or '12345', "
    "regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
UNABLE = 'unable to parse requirement: '
NO_INTEGER = "for 'Gt', 'Lt' operators, the value must be an integer"

REFUSED = [
    ('app=x,', "found '', expected: identifier after ','"),
    ('app=x,,b', "found ',', expected: identifier after ','"),
    ('app in', "unable to parse requirement: found '' expected: '('"),
    ('app in x', "unable to parse requirement: found 'x' expected: '('"),
    ('=x', "found '=', expected: !, identifier, or 'end of string'"),
    ('(', "found '(', expected: !, identifier, or 'end of string'"),
    (',', "found ',', expected: !, identifier, or 'end of string'"),
    ('!', "unable to parse requirement: found '', expected: identifier"),
    ('!!a', "unable to parse requirement: found '!', expected: identifier"),
    ('app in (', "unable to parse requirement: found '', expected: ',', ')' or identifier"),
    ('app in (=', "unable to parse requirement: found '=', expected: ',', ')' or identifier"),
    ('app in (x', "unable to parse requirement: found '', expected: ',' or ')'"),
    ('app in (x y)', "unable to parse requirement: found 'y', expected: ',' or ')'"),
    ('app in (x,', "unable to parse requirement: found '', expected: ',', or identifier"),
    ('app in (x,=)', "unable to parse requirement: found '=', expected: ',', or identifier"),
    ('a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
    ('a !b', "unable to parse requirement: found '!', expected: in, notin, =, ==, !=, gt, lt"),
    ('app===x', "unable to parse requirement: found '=', expected: identifier"),
    ('app=(', "unable to parse requirement: found '(', expected: identifier"),
    ('!app=x', "found '=', expected: ',' or 'end of string'"),
    ('app=x y', "found 'y', expected: ',' or 'end of string'"),
    ('app=x;tier=f', f'unable to parse requirement: values[0][app]: Invalid value: "x;tier": {NO_VALUE}'),
    ('app=b@d', f'unable to parse requirement: values[0][app]: Invalid value: "b@d": {NO_VALUE}'),
    ('app in (b,a_)', f'unable to parse requirement: values[0][app]: Invalid value: "a_": {NO_VALUE}'),
    ('/a=b', 'unable to parse requirement: <nil>: Invalid value: "/a": prefix part must be non-empty'),
    ('n>x', f'unable to parse requirement: values[0]: Invalid value: "x": {NO_INTEGER}'),
    ('n<', f'unable to parse requirement: values[0]: Invalid value: "": {NO_INTEGER}'),
    (
        'n<9223372036854775808',
        f'unable to parse requirement: values[0]: Invalid value: "9223372036854775808": {NO_INTEGER}',
    ),
    ('n>é', f'{UNABLE}[values[0]: Invalid value: "é": {NO_INTEGER}, values[0][n]: Invalid value: "é": {NO_VALUE}]'),
    ('n>-3', f'unable to parse requirement: values[0][n]: Invalid value: "-3": {NO_VALUE}'),
    ('a\0', None),
    ('\0', None),
    ('٣>1', None),
]

names = st.from_regex(r'[A-Za-z0-9]([-A-Za-z0-9_.]{0,5}[A-Za-z0-9])?', fullmatch=True) | st.sampled_from(
    ['in', 'notin']
)
keys = names | st.builds('{}/{}'.format, st.from_regex(r'[a-z0-9]{1,3}(\.[a-z0-9]{1,3})?', fullmatch=True), names)
values = names | st.just('')
numbers = st.integers(0, 2**63 - 1).map(str)
sets = st.sets(values, min_size=1, max_size=4).map(lambda values: tuple(sorted(values)))
requirements: st.SearchStrategy[Requirement] = st.one_of(
    st.builds(
        Requirement, keys, st.sampled_from([Operator.EQUAL, Operator.UNEQUAL]), values.map(lambda value: (value,))
    ),
    st.builds(Requirement, keys, st.sampled_from([Operator.IN, Operator.NOT_IN]), sets),
    st.builds(Requirement, keys, st.sampled_from([Operator.EXISTS, Operator.ABSENT]), st.just(())),
    st.builds(
        Requirement, keys, st.sampled_from([Operator.LESS, Operator.GREATER]), numbers.map(lambda value: (value,))
    ),
)
garbage = st.text() | st.lists(
    st.sampled_from([*'abn1_/ \t\n\0é!=<>(),', '==', '!=', ' in ', ' notin ', 'key', 'in']), max_size=12
).map(''.join)


def is_selected(labels: Mapping[str, str], requirement: Requirement) -> bool:
    """What the documentation of the API says, in the most obvious way."""
    key, operator, values = requirement
    match operator:
        case Operator.EQUAL | Operator.IN:
            return key in labels and labels[key] in values
        case Operator.UNEQUAL | Operator.NOT_IN:
            return key not in labels or labels[key] not in values
        case Operator.EXISTS:
            return key in labels
        case Operator.ABSENT:
            return key not in labels
        case Operator.GREATER:
            return key in labels and labels[key].isdecimal() and int(labels[key]) > int(values[0])
        case Operator.LESS:
            return key in labels and labels[key].isdecimal() and int(labels[key]) < int(values[0])


@pytest.mark.parametrize(('text', 'selected'), SELECTED)
def test_a_selector_selects_by_labels(text: str, selected: str) -> None:
    matches = LabelSelector.parse(text).matches
    assert ''.join(name for name, labels in LABELS.items() if matches(labels)) == selected


@pytest.mark.parametrize(('text', 'message'), REFUSED)
def test_what_is_no_selector_is_a_bad_request_in_the_words_of_the_api(text: str, message: str | None) -> None:
    with pytest.raises(KubernetesBadRequestError) as caught:
        LabelSelector.parse(text)
    assert caught.value.as_status()['code'] == 400
    assert message is None or caught.value.message == message


@given(st.lists(requirements, max_size=5))
def test_the_text_of_a_selector_is_parsed_to_an_equal_one(wanted: list[Requirement]) -> None:
    selector = LabelSelector(wanted)
    assert LabelSelector.parse(str(selector)) == selector
    assert hash(LabelSelector.parse(str(selector))) == hash(selector)


@given(garbage)
def test_any_text_is_either_a_selector_or_a_bad_request(text: str) -> None:
    with contextlib.suppress(KubernetesBadRequestError):
        selector = LabelSelector.parse(text)
        assert LabelSelector.parse(str(selector)) == selector


@given(st.lists(requirements, max_size=4), st.data())
def test_a_selector_selects_what_all_its_requirements_select(wanted: list[Requirement], data: st.DataObject) -> None:
    known_keys = [requirement.key for requirement in wanted]
    known_values = [value for requirement in wanted for value in requirement.values]
    some_keys = st.sampled_from(known_keys) if known_keys else keys
    some_values = values | numbers | (st.sampled_from(known_values) if known_values else values)
    labels = data.draw(st.dictionaries(some_keys, some_values, max_size=4))
    assert LabelSelector(wanted).matches(labels) is all(is_selected(labels, requirement) for requirement in wanted)


@pytest.mark.parametrize(('text', 'selected'), [('n<1', True), ('n>1', False)])
@pytest.mark.parametrize('value', ['-2', '-0002', '-9223372036854775808'])
def test_a_label_that_is_a_negative_number_is_compared_as_one(text: str, selected: bool, value: str) -> None:
    assert LabelSelector.parse(text).matches({'n': value}) is selected


@pytest.mark.parametrize('value', ['9' * 20, '9' * 5000, '1.0', '1_0', '٣', ' 3', '', '0x3', None, 3, [], {}])
@pytest.mark.parametrize('text', ['n>1', 'n<999999999'])
def test_a_label_that_is_no_integer_is_neither_greater_nor_less(text: str, value: Any) -> None:
    assert not LabelSelector.parse(text).matches({'n': value})


@pytest.mark.parametrize('value', [None, 3, True, ['x'], {'x': 'x'}])
@pytest.mark.parametrize(
    ('text', 'selected'),
    [('app=x', False), ('app!=x', True), ('app in (x,y)', False), ('app notin (x,y)', True), ('app', True)],
)
def test_a_label_that_is_no_text_is_equal_to_none(text: str, selected: bool, value: Any) -> None:
    assert LabelSelector.parse(text).matches({'app': value}) is selected


@pytest.mark.parametrize(('text', 'restricts'), [('', False), (' ', False), ('a', True), ('!a', True), ('a!=b', True)])
def test_a_selector_is_false_if_it_selects_everything(text: str, restricts: bool) -> None:
    assert bool(LabelSelector.parse(text)) is restricts


@pytest.mark.parametrize(
    ('one', 'two'),
    [('a=b', 'a==b'), ('a,b', 'b,a'), ('a in (x,y)', 'a in (y,x,y)'), (' a = b ', 'a=b'), ('', ' '), ('a,a', 'a')],
)
def test_selectors_that_require_the_same_are_equal(one: str, two: str) -> None:
    assert LabelSelector.parse(one) == LabelSelector.parse(two)
    assert str(LabelSelector.parse(one)) == str(LabelSelector.parse(two))


@pytest.mark.parametrize('other', ['a=c', 'a!=b', 'a', '', 'a=b,c', 'a in (b,c)'])
def test_selectors_that_require_other_things_are_not_equal(other: str) -> None:
    assert LabelSelector.parse(other) != LabelSelector.parse('a=b')


def test_a_selector_is_not_equal_to_its_text() -> None:
    assert LabelSelector.parse('a=b') != cast('object', 'a=b')
    assert repr(LabelSelector.parse('a==b')) == "LabelSelector.parse('a=b')"


def test_a_text_is_parsed_once() -> None:
    assert LabelSelector.parse('once=only') is LabelSelector.parse('once=only')
