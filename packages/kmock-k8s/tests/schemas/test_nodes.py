from typing import Any

import pytest

from kmock_k8s.schemas import ABSENT, Schema

WIDGET: dict[str, Any] = {
    'type': 'object',
    'required': ['size'],
    'properties': {
        'size': {'type': 'integer', 'format': 'int32'},
        'color': {'type': 'string', 'default': 'red', 'enum': ['red', 'green']},
        'opts': {'type': 'object', 'default': {'on': [True]}},
        'note': {'type': 'string', 'nullable': True, 'default': None},
        'labels': {'type': 'object', 'additionalProperties': {'type': 'string'}, 'x-kubernetes-map-type': 'atomic'},
        'ports': {
            'type': 'array',
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['port', 'protocol'],
            'items': {'type': 'object', 'properties': {'port': {'type': 'integer'}}},
        },
        'names': {'x-kubernetes-patch-strategy': 'merge,retainKeys', 'x-kubernetes-patch-merge-key': 'name'},
        'either': {'x-kubernetes-int-or-string': True},
        'free': {'type': 'object', 'x-kubernetes-preserve-unknown-fields': True},
        'template': {'type': 'object', 'x-kubernetes-embedded-resource': True, 'properties': {'spec': {}}},
        'any': {'type': 'object', 'additionalProperties': True},
        'none': {'type': 'object', 'additionalProperties': False},
    },
}


@pytest.fixture
def widget() -> Schema:
    return Schema.of(WIDGET)


def child(schema: Schema | None, *keys: str) -> Schema:
    for key in keys:
        assert schema is not None
        schema = schema.child(key)
    assert schema is not None
    return schema


def test_types_formats_and_required_keys_are_told(widget: Schema) -> None:
    assert widget.type == 'object'
    assert widget.required == ('size',)
    assert (child(widget, 'size').type, child(widget, 'size').format) == ('integer', 'int32')
    assert child(widget, 'color').enum == ('red', 'green')


def test_what_is_not_said_is_nothing() -> None:
    empty = Schema.of({})
    assert (empty.type, empty.format, empty.items, empty.additional, empty.enum) == (None, None, None, None, None)
    assert (empty.list_type, empty.map_type, empty.patch_merge_key, empty.name) == (None, None, None, None)
    assert (empty.required, empty.list_map_keys, empty.patch_strategy) == ((), (), frozenset())
    assert dict(empty.properties) == {}
    assert not any((empty.nullable, empty.int_or_string, empty.preserve_unknown, empty.embedded, empty.has_default))


def test_annotations_of_kubernetes_are_told(widget: Schema) -> None:
    assert (child(widget, 'ports').list_type, child(widget, 'ports').list_map_keys) == ('map', ('port', 'protocol'))
    assert child(widget, 'labels').map_type == 'atomic'
    assert child(widget, 'names').patch_strategy == {'merge', 'retainKeys'}
    assert child(widget, 'names').patch_merge_key == 'name'
    assert child(widget, 'either').int_or_string
    assert child(widget, 'free').preserve_unknown
    assert child(widget, 'note').nullable


def test_a_default_is_a_copy_each_time(widget: Schema) -> None:
    opts = child(widget, 'opts')
    opts.default['on'].append(False)
    assert opts.default == {'on': [True]}


def test_a_null_is_a_default(widget: Schema) -> None:
    assert child(widget, 'note').has_default
    assert child(widget, 'note').default is None


def test_no_default_is_absent(widget: Schema) -> None:
    assert child(widget, 'size').default is ABSENT
    assert repr(ABSENT) == 'ABSENT'


def test_children_are_properties_or_else_additional_ones(widget: Schema) -> None:
    assert child(widget, 'labels', 'whatever') is child(widget, 'labels').additional
    assert child(widget, 'labels', 'whatever').type == 'string'
    assert widget.child('nope') is None


def test_additional_properties_of_any_kind_have_an_empty_schema(widget: Schema) -> None:
    assert dict(child(widget, 'any', 'whatever').raw) == {}
    assert child(widget, 'none').child('whatever') is None


def test_embedded_resources_have_the_fields_of_all_objects(widget: Schema) -> None:
    template = child(widget, 'template')
    assert template.embedded
    assert set(template.properties) == {'apiVersion', 'kind', 'metadata', 'spec'}
    assert child(template, 'metadata', 'ownerReferences').patch_merge_key == 'uid'


def test_nodes_are_made_once(widget: Schema) -> None:
    assert widget.child('ports') is widget.child('ports')
    assert child(widget, 'ports').items is child(widget, 'ports').items


def test_schemas_are_frozen(widget: Schema) -> None:
    with pytest.raises(AttributeError, match='frozen'):
        widget.type = 'string'
    with pytest.raises(AttributeError, match='frozen'):
        del widget.type
    with pytest.raises(TypeError):
        widget.raw['type'] = 'string'  # type: ignore[index]  # pyright: ignore[reportIndexIssue]


def test_schemas_are_shown_by_what_they_are(widget: Schema) -> None:
    assert repr(widget) == '<Schema object>'
    assert repr(child(widget, 'either')) == '<Schema of any type>'
    assert repr(Schema.named('io.k8s.api.core.v1.Container')) == '<Schema io.k8s.api.core.v1.Container>'


def test_a_definition_of_an_unknown_name_is_an_error() -> None:
    with pytest.raises(KeyError):
        Schema.named('io.k8s.api.core.v1.Nope')
