"""Reading and writing the URLs of the Kubernetes API.

The structure is that of the API concepts page ("Resource URIs"): ``/api/v1`` or ``/apis/GROUP/VERSION``, then perhaps
``/namespaces/NAMESPACE``, then ``/PLURAL``, ``/PLURAL/NAME`` or ``/PLURAL/NAME/SUBRESOURCE``. Namespaces are objects by
themselves too, and a ``status`` or ``finalize`` after the name of one is theirs, as in a real server. With ``/watch``
after the version, it is the old way to ask for a watch, of a collection or of one object.
"""

from functools import lru_cache
from typing import NamedTuple

from kmock_core.values.headers import decode_percent, parse_query
from kmock_core.values.requests import split_target
from kmock_k8s.model.resources import resource


class Location(NamedTuple):
    """What the path of a URL is about; all parts are None where it is not of the Kubernetes API."""

    group: str | None = None
    """The API group; empty for the core one."""
    version: str | None = None
    plural: str | None = None
    namespace: str | None = None
    name: str | None = None
    subresource: str | None = None
    discovery: bool = False
    """True for the documents that tell which groups, versions and resources there are: those URLs have no plural."""
    is_watch: bool = False
    """True for the old URLs of watches, with ``/watch`` after the version."""

    @property
    def resource(self) -> resource | None:
        """The resource, always a full one; None if there is none."""
        group, version, plural = self[:3]
        return None if group is None or version is None or plural is None else _resource_of(group, version, plural)


NOWHERE = Location()
"""Of no URL of the API."""

_OF_NAMESPACES = frozenset({'status', 'finalize'})
_SAFE = "!$&'()*+,;=:@"  # and letters, digits, and -._~: what may stand in a segment as it is (RFC 3986 §3.3)


def locate(target: str) -> Location:
    """Read a request target: any text, never fails; the query does not matter."""
    return parse_path(target.partition('?')[0] if target[:1] == '/' else split_target(target)[0])


@lru_cache(maxsize=2048)
def parse_path(path: str) -> Location:
    """Read a path as it was sent: percent-encoded slashes stay in names; what follows a subresource is ignored."""
    segments = (path[1:-1] if path[-1:] == '/' else path[1:]).split('/')
    root = segments[0]
    if root == 'api':
        group, rest = '', segments[1:]
    elif root == 'apis':
        group, rest = (segments[1] if len(segments) > 1 else ''), segments[2:]
    else:
        return NOWHERE
    if len(segments) == 1:
        return Location('' if root == 'api' else None, discovery=True)
    if '' in segments:
        return NOWHERE
    if '%' in path:
        group, rest = decode_percent(group), [decode_percent(segment) for segment in rest]
    if len(rest) < 2:
        return Location(group, rest[0] if rest else None, discovery=True)
    if rest[1] == 'watch' and len(rest) > 2:
        return _parse_resource(group, [rest[0], *rest[2:]])._replace(is_watch=True)
    return _parse_resource(group, rest)


def _parse_resource(group: str, parts: list[str]) -> Location:
    namespace = None
    if parts[1] == 'namespaces' and len(parts) > 3 and not (len(parts) == 4 and parts[3] in _OF_NAMESPACES):
        namespace = parts[2]
        parts = [parts[0], *parts[3:]]
    count = len(parts)
    name = parts[2] if count > 2 else None
    return Location(group, parts[0], parts[1], namespace, name, parts[3] if count > 3 else None)


def is_below_subresource(target: str, location: Location) -> bool:
    """Tell if the path of a request target goes on after the subresource that it is about."""
    path = target.partition('?')[0] if target[:1] == '/' else split_target(target)[0]
    count = (2 if location.group == '' else 3) + (1 if location.is_watch else 0) + (2 if location.namespace else 0)
    return location.subresource is not None and path.rstrip('/').count('/') > count + len(_OF_SUBRESOURCES)


_OF_SUBRESOURCES = ('plural', 'name', 'subresource')


def path_of(location: Location) -> str:
    """Write the path that is about this location, percent-encoded: the reverse of `locate`.

    Raises:
        ValueError: there is no such path, e.g. of a name without a resource, or of an empty name.
    """
    group, version, plural, namespace, name, subresource, _, watched = location
    segments = ['api'] if group == '' else ['apis'] if group is None else ['apis', group]
    scope = [] if namespace is None else ['namespaces', namespace]
    verb = ['watch'] if watched else []
    segments += [part for part in (version, *verb, *scope, plural, name, subresource) if part is not None]
    try:
        path = '/' + '/'.join([_quote(segment) for segment in segments])
    except UnicodeEncodeError as exc:
        raise ValueError(f'no URL is about {location!r}: {exc}') from exc
    if locate(path) != location:
        raise ValueError(f'no URL is about {location!r}: {path} would be about {locate(path)!r}')
    return path


def _quote(segment: str) -> str:
    from urllib.parse import quote  # heavy, and needed to write only

    return quote(segment, safe=_SAFE)


def is_watch(target: str) -> bool:
    """Tell if a query asks for a watch: by any value of ``watch`` but ``0`` and ``false``, as in a real server."""
    if 'watch' not in target:
        return False
    for name, value in parse_query(split_target(target)[1]):
        if name == 'watch':
            return (value or '').lower() not in {'0', 'false'}
    return False


@lru_cache(maxsize=1024)
def _resource_of(group: str, version: str, plural: str) -> resource:
    return resource(group, version, plural)
