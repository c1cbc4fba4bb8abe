"""What the server adds to objects of built-in kinds."""

from kmock_k8s.cluster.crds.kinds import CustomKind
from kmock_k8s.cluster.defaulting.objects import PREPARERS
from kmock_k8s.cluster.defaulting.walking import fill
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.schemas.defaulting import apply_defaults

__all__ = ['set_defaults']


def set_defaults(kind: Kind, content: JSONObject, live: JSONObject | None = None) -> None:
    """Add what is there by default; for an update, with what the object was before."""
    schema = kind.builtin
    if schema is None:
        if isinstance(kind, CustomKind):
            apply_defaults(content, kind.schema)
        return
    fill(content, schema)
    prepare = PREPARERS.get((kind.group, kind.name))
    if prepare is not None:
        prepare(content, live)
