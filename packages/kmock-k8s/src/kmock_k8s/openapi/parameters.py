"""The parameters of operations, by their names."""

from collections.abc import Sequence
from typing import Final

from kmock_k8s.model.encoding import JSONObject

PRETTY: Final = ('pretty',)
WRITING: Final = ('dryRun', 'fieldManager', 'fieldValidation')
PATCHING: Final = (*WRITING, 'force')
DELETING: Final = (
    'dryRun',
    'gracePeriodSeconds',
    'ignoreStoreReadErrorWithClusterBreakingPotential',
    'orphanDependents',
    'propagationPolicy',
)
SELECTING: Final = (
    'continue',
    'fieldSelector',
    'labelSelector',
    'limit',
    'resourceVersion',
    'resourceVersionMatch',
    'sendInitialEvents',
    'shardSelector',
    'timeoutSeconds',
)
LISTING: Final = ('allowWatchBookmarks', *SELECTING, 'watch')

STREAMING: Final = ('container', 'stderr', 'stdin', 'stdout', 'tty')
CONNECTING: Final[dict[str, tuple[str, ...]]] = {
    'attach': STREAMING,
    'exec': ('command', *STREAMING),
    'portforward': ('ports',),
    'proxy': ('path',),
}
"""The parameters of subresources that clients connect to."""
LOGGING: Final = (
    'container',
    'follow',
    'insecureSkipTLSVerifyBackend',
    'limitBytes',
    'pretty',
    'previous',
    'sinceSeconds',
    'stream',
    'tailLines',
    'timestamps',
)

_INTEGERS: Final = frozenset((
    'gracePeriodSeconds', 'limit', 'limitBytes', 'ports', 'sinceSeconds', 'tailLines', 'timeoutSeconds',
))  # fmt: skip
_BOOLEANS: Final = frozenset((
    'allowWatchBookmarks', 'follow', 'force', 'ignoreStoreReadErrorWithClusterBreakingPotential',
    'insecureSkipTLSVerifyBackend', 'orphanDependents', 'previous', 'sendInitialEvents', 'stderr', 'stdin', 'stdout',
    'timestamps', 'tty', 'watch',
))  # fmt: skip


def in_query(name: str) -> JSONObject:
    """A parameter of the query."""
    kind = 'integer' if name in _INTEGERS else 'boolean' if name in _BOOLEANS else 'string'
    return {'name': name, 'in': 'query', 'schema': {'type': kind, 'uniqueItems': True}}


def in_path(name: str) -> JSONObject:
    """A part of the path that varies."""
    return {'name': name, 'in': 'path', 'required': True, 'schema': {'type': 'string', 'uniqueItems': True}}


def list_parameters(path: str, query: Sequence[str]) -> list[JSONObject]:
    """The parameters of an operation, in the order of a real server.

    >>> [found['name'] for found in list_parameters('/api/v1/nodes/{name}', ('pretty', 'dryRun'))]
    ['dryRun', 'name', 'pretty']
    """
    found = [in_path(part[1:-1]) for part in path.split('/') if part.startswith('{')]
    found += [in_query(name) for name in {*query}]
    return sorted(found, key=lambda one: (one['name'], one['in']))
