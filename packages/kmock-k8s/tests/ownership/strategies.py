"""Random objects with fields of all kinds, and their schema."""

from typing import Any

from hypothesis import strategies as st
from kmock_k8s.schemas import Schema

TEXT: dict[str, Any] = {'type': 'string'}
SCHEMA = Schema.of(
    {
        'type': 'object',
        'properties': {
            'apiVersion': TEXT,
            'kind': TEXT,
            'metadata': {
                'type': 'object',
                'properties': {
                    'name': TEXT,
                    'managedFields': {'type': 'array', 'items': {'type': 'object'}},
                    'labels': {'type': 'object', 'additionalProperties': TEXT},
                },
            },
            'text': TEXT,
            'part': {'type': 'object', 'properties': {'a': TEXT, 'b': {'type': 'integer'}}},
            'map': {'type': 'object', 'additionalProperties': {'type': 'object', 'additionalProperties': TEXT}},
            'whole': {'type': 'object', 'x-kubernetes-map-type': 'atomic', 'additionalProperties': TEXT},
            'list': {'type': 'array', 'items': TEXT},
            'set': {'type': 'array', 'x-kubernetes-list-type': 'set', 'items': TEXT},
            'items': {
                'type': 'array',
                'x-kubernetes-list-type': 'map',
                'x-kubernetes-list-map-keys': ['name'],
                'items': {'type': 'object', 'properties': {'name': TEXT, 'value': TEXT, 'inner': {'type': 'object'}}},
            },
        },
    }
)

names = st.sampled_from(('a', 'b', 'c', 'd'))
texts = st.sampled_from(('', 'x', 'y'))
maps = st.dictionaries(names, texts, max_size=3)


def keyed(name: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({'name': st.just(name)}, optional={'value': texts, 'inner': maps})


items = st.lists(names, unique=True, max_size=4).flatmap(lambda found: st.tuples(*map(keyed, found)).map(list))
metadata = st.fixed_dictionaries({'name': st.just('x')}, optional={'labels': maps})
objects: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {'apiVersion': st.just('v1'), 'kind': st.just('X'), 'metadata': metadata},
    optional={
        'text': texts,
        'part': st.fixed_dictionaries({}, optional={'a': texts, 'b': st.integers(0, 2)}),
        'map': st.dictionaries(names, maps, max_size=2),
        'whole': maps,
        'list': st.lists(texts, max_size=2),
        'set': st.lists(names, unique=True, max_size=3),
        'items': items,
    },
)
