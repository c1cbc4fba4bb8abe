"""What a request wants to do, in the words that roles have for it (``apiserver/pkg/endpoints/request``)."""

from functools import lru_cache
from typing import NamedTuple

from kmock_core.values.headers import decode_percent, parse_query
from kmock_core.values.requests import split_target
from kmock_k8s.errors import KubernetesError
from kmock_k8s.model.urls import is_watch
from kmock_k8s.selectors.fields import FieldSelector

_VERBS = {'POST': 'create', 'GET': 'get', 'HEAD': 'get', 'PUT': 'update', 'PATCH': 'patch', 'DELETE': 'delete'}
_SPECIAL = ('proxy', 'watch')
_OF_NAMESPACES = ('status', 'finalize')


class Attributes(NamedTuple):
    """What somebody wants to do: to objects of a resource, or at a path that is of none."""

    verb: str
    group: str = ''
    resource: str = ''
    subresource: str = ''
    namespace: str = ''
    name: str = ''
    path: str | None = None
    """Where, if it is of no resource; else None."""

    @property
    def whole_resource(self) -> str:
        """The resource, with the subresource: ``pods/log``."""
        return f'{self.resource}/{self.subresource}' if self.subresource else self.resource


@lru_cache(maxsize=2048)
def read_attributes(method: str, target: str) -> Attributes:
    """What a request wants to do, whether that can be done or not: any URL is read.

    >>> read_attributes('GET', '/api/v1/namespaces/ns1/pods/web/log').verb
    'get'
    """
    raw, query = split_target(target)
    path = decode_percent(raw)
    outside = Attributes(method.lower(), path=path)
    parts = path.strip('/').split('/')
    if len(parts) < 3 or parts[0] not in ('api', 'apis'):
        return outside
    group = ''
    if parts[0] == 'apis':
        if len(parts) < 4:
            return outside
        group = parts.pop(1)
    parts = parts[2:]
    verb = _VERBS.get(method, '')
    if parts[0] in _SPECIAL and len(parts) > 1:
        verb, *parts = parts
    namespace = ''
    if parts[0] == 'namespaces' and len(parts) > 1:
        namespace = parts[1]
        if len(parts) > 2 and parts[2] not in _OF_NAMESPACES:
            parts = parts[2:]
    resource, name, subresource = [*parts, '', ''][:3]
    if verb == 'proxy':
        subresource = ''
    if not name and verb == 'get':
        verb = 'watch' if is_watch(target) else 'list'
        name = _find_name(query)
    elif not name and verb == 'delete':
        verb = 'deletecollection'
    return Attributes(verb, group, resource, subresource, namespace, name)


def _find_name(query: str) -> str:
    """The name of the only object that is selected."""
    if 'fieldSelector' not in query:
        return ''
    text = next((value for key, value in parse_query(query) if key == 'fieldSelector'), None)
    try:
        name = FieldSelector.parse(text or '').exact('metadata.name') or ''
    except KubernetesError:
        return ''
    return '' if name in {'.', '..'} or '/' in name or '%' in name else name
