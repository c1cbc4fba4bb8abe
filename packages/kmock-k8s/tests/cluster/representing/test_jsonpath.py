"""The JSONPath of Kubernetes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmock_k8s.cluster.representing.jsonpath import JSONPath, JSONPathError, print_found

POD: Any = {
    'metadata': {'name': 'web', 'labels': {'app': 'x', 'example.com/team': 'red', 'a b': 'c'}},
    'spec': {
        'replicas': 3,
        'ports': [
            {'name': 'http', 'port': 80, 'tags': ['a']},
            {'name': 'https', 'port': 443, 'tags': ['b', 'c']},
            {'name': 'admin', 'port': 8080, 'on': True},
        ],
        'matrix': [[1, 2], [3]],
        'nothing': None,
        'empty': [],
    },
    'status': {
        'conditions': [
            {'type': 'Ready', 'status': 'True', 'weight': 1.5},
            {'type': 'Synced', 'status': 'False', 'weight': 0.5},
        ]
    },
}


def find(path: str) -> list[Any]:
    return JSONPath(f'{{{path}}}').find(POD)


@pytest.mark.parametrize(
    ('path', 'found'),
    [
        ('.metadata.name', ['web']),
        ('$.metadata.name', ['web']),
        ('@.metadata.name', ['web']),
        ('metadata.name', None),
        ('.metadata.nope', []),
        ('.nope.name', []),
        ('.metadata.name.more', []),
        ('.spec.nothing', [None]),
        ('.spec.nothing.more', []),
        (r'.metadata.labels.example\.com/team', ['red']),
        ("['metadata']['name']", ['web']),
        (".metadata.labels['app']", ['x']),
        (r".metadata.labels['example\.com/team']", ['red']),
        (".metadata.labels['example.com/team']", []),
        ('.spec.ports[0].name', ['http']),
        ('.spec.ports[-1].name', ['admin']),
        ('.spec.ports[-3].name', ['http']),
        ('.spec.ports[1:].name', ['https', 'admin']),
        ('.spec.ports[:1].name', ['http']),
        ('.spec.ports[:-1].name', ['http', 'https']),
        ('.spec.ports[0:2].name', ['http', 'https']),
        ('.spec.ports[::2].name', ['http', 'admin']),
        ('.spec.ports[0:0].name', []),
        ('.spec.ports[*].port', [80, 443, 8080]),
        ('.spec.ports.*.port', [80, 443, 8080]),
        ('.spec.ports[0,2].name', ['http', 'admin']),
        (".metadata['name','labels'].app", ['x']),
        ('.spec.ports[*].tags[*]', ['a', 'b', 'c']),
        ('.spec.ports[0:2].tags[*]', ['a', 'b', 'c']),
        ('.spec.matrix[*][0]', [1, 3]),
        ('.metadata.labels.*', ['c', 'x', 'red']),
        ('..weight', [1.5, 0.5]),
        ('..ports[0].port', [80]),
        ('.spec.ports[?(@.port==443)].name', ['https']),
        ('.spec.ports[?(@.port>80)].name', ['https', 'admin']),
        ('.spec.ports[?(@.port!=80)].name', ['https', 'admin']),
        ('.spec.ports[?(@.port<=443)].name', ['http', 'https']),
        ('.spec.ports[?(@.on)].name', ['admin']),
        ('.spec.ports[?(@.name=="https")].port', [443]),
        (".spec.ports[?(@.name=='https')].port", [443]),
        ('.spec.ports[?(@.name=="a)b")].port', []),
        ('.status.conditions[?(@.type=="Ready")].status', ['True']),
        ('.status.conditions[?(@.weight<1.0)].type', ['Synced']),
        ('.status.conditions[?(@.weight<1)].type', None),
        ('.spec.empty[*]', []),
        ('.spec.empty[0]', None),
        ('.spec.ports[3]', None),
        ('.spec.ports[-4]', None),
        ('.spec.ports[1:9]', None),
        ('.spec.ports[0:2:0]', None),
        ('.spec.ports[?(@.nope==1)]', None),
        ('.spec[0]', None),
        ('.metadata[?(@.name=="web")]', None),
        ('"a text"', ['a text']),
        ('5', [5]),
        ('-5.5', [-5.5]),
        (r'"a\"\n\x41\u00e9\101\\b"', ['a"\nAéA\\b']),
        ('.spec.ports[?(@.on==true)].name', None),
        ('.spec.ports[2:].on[?(@.a)]', None),
        ('.spec.ports[?(@.tags[0])].name', ['http', 'https']),
        ('.spec.ports[?(@.name[0])].port', [80, 443, 8080]),
        ('.spec.ports[2,2].on', [True, True]),
        ('.spec.ports[2:][?(@.a)]', None),
        ('.spec.ports[?(@.name=>"x")]', None),
        ('.spec.ports[?(@.tags==1)]', None),
        ('.status.conditions[?(@.type<true)].type', None),
        ('true', [True]),
    ],
)
def test_paths_are_followed(path: str, found: list[Any] | None) -> None:
    if found is None:
        with pytest.raises(JSONPathError):
            find(path)
    else:
        assert find(path) == found


@pytest.mark.parametrize(
    'path',
    [
        '.a[',
        '.a[0',
        '.a[x]',
        ".a['b",
        '.a[?(@.b',
        '.a[?(@.b)',
        '..a....b',
        '.a\n.b',
        '#',
        '"a',
        '1.2.3',
        '.a[-]',
        f'.a[{"9" * 5000}]',
        f'.a[:-{"9" * 20}]',
        f'.a[?(@.b<{"9" * 5000})]',
        "'\\q'",
    ],
)
def test_what_is_no_path_can_not_be_read(path: str) -> None:
    with pytest.raises(JSONPathError):
        JSONPath(f'{{{path}}}')


@pytest.mark.parametrize(
    ('comparison', 'names'),
    [('==true', ['on']), ('!=true', ['off']), ('==false', ['off']), ('<true', None), ('==1', None)],
)
def test_flags_are_only_equal_or_not(comparison: str, names: list[str] | None) -> None:
    path = JSONPath(f'{{.items[?(@.flag{comparison})].name}}')
    items = {'items': [{'name': 'on', 'flag': True}, {'name': 'off', 'flag': False}]}
    if names is None:
        with pytest.raises(JSONPathError):
            path.find(items)
    else:
        assert path.find(items) == names


def test_the_first_of_several_templates_counts() -> None:
    assert JSONPath('text {.metadata.name}').find(POD) == ['text ']
    assert JSONPath('{.metadata.name}{.spec.replicas}').find(POD) == ['web']


@pytest.mark.parametrize(
    ('value', 'text'),
    [
        ('a', 'a'),
        (1, '1'),
        (1.5, '1.5'),
        (1e6, '1000000'),
        (True, 'true'),
        (None, '<no value>'),
        (['x', 'y'], '["x","y"]'),
        ({'b': 1, 'a': [None]}, '{"a":[null],"b":1}'),
    ],
)
def test_what_is_found_is_printed_as_go_does(value: Any, text: str) -> None:
    assert print_found(value) == text


@given(st.text(alphabet='.[]*?()@=<>!"\'\\:,-$0123ab {}\n', max_size=25))
def test_any_text_is_a_path_or_none(text: str) -> None:
    try:
        JSONPath(f'{{{text}}}').find({'a': [{'b': 1}, {'b': 'a'}], 'b': {'a': [0, 1, 2]}})
    except JSONPathError:
        pass


@given(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=4))
def test_fields_of_any_name_are_found_where_they_are_escaped(names: list[str]) -> None:
    value: Any = 'here'
    for name in reversed(names):
        value = {name: value}
    if any('\\' in name or name == '*' for name in names):
        return
    path = ''.join('.' + ''.join(f'\\{char}' for char in name) for name in names)
    assert JSONPath(f'{{{path}}}').find(value) == ['here']


def test_a_path_that_multiplies_what_it_finds_ends() -> None:
    value: Any = 1
    for _ in range(100):
        value = {'a': value}
    with pytest.raises(JSONPathError, match='more than 200000 values'):
        JSONPath('{..a..a..a..a..a..a..a..a}').find(value)
