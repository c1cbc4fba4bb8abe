"""Health: ``/healthz``, ``/livez``, ``/readyz`` with the checks of a kube-apiserver 1.36, all of which are passed."""

from collections.abc import Iterator

from kmock_core.values.headers import parse_query
from kmock_core.values.responses import Answer, Metadata

PLAIN_TEXT = 'text/plain; charset=utf-8'

_HOOKS = (
    'start-apiserver-admission-initializer',
    'generic-apiserver-start-informers',
    'priority-and-fairness-config-consumer',
    'priority-and-fairness-filter',
    'storage-object-count-tracker-hook',
    'start-apiextensions-informers',
    'start-apiextensions-controllers',
    'crd-informer-synced',
    'start-system-namespaces-controller',
    'peer-endpoint-reconciler-controller',
    'start-cluster-authentication-info-controller',
    'start-kube-apiserver-identity-lease-controller',
    'start-kube-apiserver-identity-lease-garbage-collector',
    'storage-readiness',
    'start-legacy-token-tracking-controller',
    'start-service-ip-repair-controllers',
    'rbac/bootstrap-roles',
    'scheduling/bootstrap-system-priority-classes',
    'priority-and-fairness-config-producer',
    'bootstrap-controller',
    'start-kubernetes-service-cidr-controller',
    'start-kube-aggregator-informers',
    'apiservice-status-local-available-controller',
    'apiservice-status-remote-available-controller',
    'apiservice-registration-controller',
    'apiservice-wait-for-first-sync',
    'apiservice-discovery-controller',
    'kube-apiserver-autoregistration',
)
_LATE_HOOKS = ('apiservice-openapi-controller', 'apiservice-openapiv3-controller')
_STARTED = (
    *(f'poststarthook/{hook}' for hook in _HOOKS),
    'autoregister-completion',
    *(f'poststarthook/{hook}' for hook in _LATE_HOOKS),
)
_ALIVE = ('ping', 'log', 'loopback-serving-certificate', 'etcd', *_STARTED)

CHECKS: dict[str, tuple[str, ...]] = {
    'healthz': _ALIVE,
    'livez': _ALIVE,
    'readyz': ('ping', 'log', 'informer-sync', *_STARTED, 'shutdown'),
}
"""The checks of each endpoint, in the order in which they are told."""

_CHECKED = frozenset({*_ALIVE, *CHECKS['readyz']})
_PRIVATE = {'Cache-Control': 'no-cache, private'}
_ONE = Metadata(headers=_PRIVATE)
_ALL = Metadata(headers={**_PRIVATE, 'X-Content-Type-Options': 'nosniff'})


def list_checks() -> Iterator[str]:
    """The paths of all endpoints and of their checks."""
    for name, checks in CHECKS.items():
        yield f'/{name}'
        yield from (f'/{name}/{check}' for check in checks)


def find_health(path: str, query: str) -> Answer | None:
    """The answer at a path; None if it is none of health, or of an unknown check."""
    name, _, check = path[1:].partition('/')
    if name not in CHECKS:
        return None
    if check:
        # Which of the two sets a check is in differs from build to build: a probe of either finds it.
        return _ONE.compose(b'ok', PLAIN_TEXT) if check in _CHECKED else None
    if path.endswith('/'):
        return None
    asked = parse_query(query)
    if not any(key == 'verbose' for key, _ in asked):
        return _ALL.compose(b'ok', PLAIN_TEXT)
    excluded = {value or '' for key, value in asked if key == 'exclude'}
    return _ALL.compose(''.join(_tell(name, excluded)).encode(), PLAIN_TEXT)


def _tell(name: str, excluded: set[str]) -> Iterator[str]:
    for check in CHECKS[name]:
        yield f'[+]{check} excluded: ok\n' if check in excluded else f'[+]{check} ok\n'
    if unknown := sorted(excluded.difference(CHECKS[name])):
        shown = ','.join(f'"{check}"' for check in unknown)
        yield f'warn: some health checks cannot be excluded: no matches for {shown}\n'
    yield f'{name} check passed\n'
