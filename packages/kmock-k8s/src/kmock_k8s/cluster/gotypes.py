"""The types that Go decodes JSON into: what it says of values that are of other ones."""

import json
from typing import Any, cast

from kmock_k8s.cluster.crds.kinds import CustomKind
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.statuses import bad_request
from kmock_k8s.errors import KubernetesError
from kmock_k8s.patching.golang import describe_type
from kmock_k8s.schemas import Schema


def mistyped(value: Any, schema: Schema, path: str, struct: str, kind: Kind) -> KubernetesError:
    """The error about a value of a wrong type.

    Args:
        value: the value.
        schema: what it should be.
        path: where it is in the object.
        struct: the structure that it is a field of.
        kind: the kind of the object.
    """
    name = 'ObjectMeta' if path.startswith('metadata.') else struct
    shown = '.'.join(part.partition('[')[0] for part in path.split('.'))
    if isinstance(kind, CustomKind):  # only the metadata are decoded into structures there
        shown = shown.removeprefix('metadata.')
    if schema.type == 'string' and _is_in_map(path, kind):
        shown = shown.rpartition('.')[0]
    got = describe_type(value)
    if got == 'number' and schema.type == 'integer':
        got = f'number {json.dumps(value)}'
    return unhandled(kind, f'json: cannot unmarshal {got} into Go struct field {name}.{shown} of type {_go(schema)}')


def unhandled(kind: Kind, why: str) -> KubernetesError:
    """The error about an object that can't be decoded as one of its kind."""
    return bad_request(f'{kind.name} in version "{kind.version}" cannot be handled as a {kind.name}: {why}')


def _is_in_map(path: str, kind: Kind) -> bool:
    schema = cast('Schema', kind.schema)
    *parents, last = path.split('.')
    for part in parents:
        found = schema.child(part.partition('[')[0])
        if found is None:
            return False
        schema = found.items if '[' in part and found.items is not None else found
    return last not in schema.properties and schema.additional is not None


def _go(schema: Schema) -> str:
    if schema.type == 'object' and schema.name:
        package, _, name = schema.name.rpartition('.')
        return f'{package.rpartition(".")[2]}.{name}'
    if schema.type == 'object':
        return f'map[string]{_go(schema.additional) if schema.additional else "interface {}"}'
    if schema.type == 'array':
        return f'[]{_go(schema.items) if schema.items else "interface {}"}'
    if schema.type == 'integer':
        return schema.format or 'int64'
    return {'boolean': 'bool', 'number': 'float64'}.get(schema.type or '', schema.type or 'interface {}')
