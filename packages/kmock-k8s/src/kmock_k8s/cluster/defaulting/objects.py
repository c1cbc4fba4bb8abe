"""What the server adds to objects of built-in kinds."""

from collections.abc import Callable
from typing import Any

from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.model.encoding import JSONObject

Defaulter = Callable[[JSONObject, JSONObject | None], None]


def set_defaults(kind: Kind, content: JSONObject, live: JSONObject | None = None) -> None:
    """Add what is there by default; for an update, with what the object was before."""
    setter = _SETTERS.get((kind.group, kind.name)) if kind.is_builtin else None
    if setter is not None:
        setter(content, live)


def _default_namespace(content: JSONObject, live: JSONObject | None) -> None:
    metadata: JSONObject = content['metadata']
    name = metadata.get('name')
    if name:
        metadata['labels'] = {**(metadata.get('labels') or {}), 'kubernetes.io/metadata.name': name}
    if live is None:
        content['spec'] = {**(content.get('spec') or {}), 'finalizers': ['kubernetes']}
        content['status'] = {'phase': 'Active'}
    else:
        content['spec'] = live.get('spec', {})


def _default_secret(content: JSONObject, live: JSONObject | None) -> None:
    texts: Any = content.pop('stringData', None)
    if texts:
        import base64

        encoded = {key: base64.b64encode(text.encode()).decode() for key, text in texts.items()}
        content['data'] = {**(content.get('data') or {}), **encoded}
    content.setdefault('type', 'Opaque')


_SETTERS: dict[tuple[str, str], Defaulter] = {
    ('', 'Namespace'): _default_namespace,
    ('', 'Secret'): _default_secret,
}
