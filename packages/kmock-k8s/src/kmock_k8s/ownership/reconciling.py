"""Owners from before the schema of a custom resource has changed."""

from kmock_k8s.ownership.fieldsets import FieldSet
from kmock_k8s.ownership.shapes import FREE, Shape
from kmock_k8s.schemas import Schema


def reconcile(fields: FieldSet, schema: Schema | None) -> FieldSet:
    """The set with whole maps and lists instead of their parts, where these have become one thing.

    The same set, if there is nothing to do: the schemas of built-in kinds do not change. What has become many things
    stays as it is.
    """
    return fields if schema is None or schema.name is not None else _reconcile(fields, Shape.of(schema))


def _reconcile(fields: FieldSet, shape: Shape) -> FieldSet:
    found = fields
    for element, node in fields.items():
        if not node:
            continue
        child = (shape.child(element[2:]) if element[:2] == 'f:' else shape.item) or FREE
        below = _reconcile(node, child) if _is_divided(child, node) else {}
        if below is not node:
            found = {**found, element: below}
    return found


def _is_divided(shape: Shape, node: FieldSet) -> bool:
    return shape.divided_map if any(element[0] == 'f' for element in node) else shape.divided_list
