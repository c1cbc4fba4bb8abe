"""What the server adds to objects of built-in kinds."""

from kmock_k8s.cluster.crds.kinds import CustomKind
from kmock_k8s.cluster.defaulting.objects import PREPARERS, label_namespace
from kmock_k8s.cluster.defaulting.walking import fill
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.schemas.defaulting import apply_defaults

__all__ = ['prepare', 'set_defaults']


def set_defaults(kind: Kind, content: JSONObject) -> None:
    """Add what is there by default, as if the client had sent it: it owns these fields."""
    schema = kind.builtin
    if schema is None:
        if isinstance(kind, CustomKind):
            apply_defaults(content, kind.schema)
        return
    fill(content, schema)
    kind.complete(content)
    if kind.is_namespace and content['metadata'].get('name'):
        label_namespace(content['metadata'])


def prepare(kind: Kind, content: JSONObject, live: JSONObject | None = None) -> None:
    """Set what is the server's own business, which nobody owns; for an update, with what the object was before."""
    schema = kind.builtin
    if schema is None:
        return
    preparer = PREPARERS.get((kind.group, kind.name))
    if preparer is not None:
        preparer(content, live)
    status = schema.child('status')
    if status is not None and 'status' not in content:
        fresh: JSONObject = {}
        fill(fresh, status)
        content['status'] = fresh
