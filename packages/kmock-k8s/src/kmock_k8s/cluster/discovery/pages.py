"""Pages for tools that watch over a server, and for those who check tokens: short, but true."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from kmock_core import Request
from kmock_core.values.responses import Answer, Metadata
from kmock_k8s.cluster.discovery.health import CHECKS, PLAIN_TEXT
from kmock_k8s.cluster.subresources.tokens import ISSUER
from kmock_k8s.model.resources import resource

_METRICS = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'
_WARNING = (
    'Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees '
    'and is for debugging purposes only.\n'
)
_PRIVATE = Metadata(headers={'Cache-Control': 'no-cache, private'})
_PUBLIC = Metadata(headers={'Cache-Control': 'public, max-age=3600'})

Count = Callable[[], Iterable[tuple[resource, int]]]

PAGES = ('/.well-known/openid-configuration', '/flagz', '/metrics', '/metrics/slis', '/openid/v1/jwks', '/statusz')
"""The paths of the pages."""


def find_page(path: str, request: Request, version: Mapping[str, Any], count: Count) -> Answer | None:
    """The page at a path; None if there is none."""
    match path:
        case '/metrics':
            return _PRIVATE.compose(''.join(_tell_metrics(version, count())).encode(), _METRICS)
        case '/metrics/slis':
            return _PRIVATE.compose(''.join(_tell_checks()).encode(), _METRICS)
        case '/.well-known/openid-configuration':
            return _PUBLIC.compose(_encode(_configure(request)), 'application/json')
        case '/openid/v1/jwks':  # nobody signs the tokens, so there is no key
            return _PUBLIC.compose(_encode({'keys': []}), 'application/jwk-set+json')
        case '/statusz':
            told = f'Binary version: {str(version.get("gitVersion", "")).removeprefix("v")}\n'
            return _PRIVATE.compose(f'\nkube-apiserver statusz\n{_WARNING}\n{told}'.encode(), PLAIN_TEXT)
        case '/flagz':
            return _PRIVATE.compose(f'\nkube-apiserver flagz\n{_WARNING}\n'.encode(), PLAIN_TEXT)
        case _:
            return None


def _configure(request: Request) -> dict[str, Any]:
    return {
        'issuer': ISSUER,
        'jwks_uri': f'{request.origin.scheme}://{request.host}/openid/v1/jwks',
        'response_types_supported': ['id_token'],
        'subject_types_supported': ['public'],
        'id_token_signing_alg_values_supported': ['RS256'],
    }


def _encode(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, separators=(',', ':')).encode()


def _tell_metrics(version: Mapping[str, Any], counts: Iterable[tuple[resource, int]]) -> Iterator[str]:
    yield from _begin('apiserver_resource_objects', 'Number of stored objects, by their resources.')
    for one, number in counts:
        group, _, plural = one.key
        yield f'apiserver_resource_objects{{group="{group}",resource="{plural}"}} {number}\n'
    yield from _begin('kubernetes_build_info', 'The version of Kubernetes that is imitated.')
    labels = {
        'git_version': 'gitVersion', 'major': 'major', 'minor': 'minor', 'platform': 'platform',
    }  # fmt: skip
    shown = ','.join(f'{label}="{_escape(str(version.get(name, "")))}"' for label, name in labels.items())
    yield f'kubernetes_build_info{{{shown}}} 1\n'


def _tell_checks() -> Iterator[str]:
    yield from _begin('kubernetes_healthcheck', 'Whether a check of health was passed.')
    for name, checks in CHECKS.items():
        yield from (f'kubernetes_healthcheck{{name="{check}",type="{name}"}} 1\n' for check in checks)


def _begin(name: str, what: str) -> Iterator[str]:
    yield f'# HELP {name} [STABLE] {what}\n# TYPE {name} gauge\n'


def _escape(text: str) -> str:
    return text.replace('\\', r'\\').replace('"', r'\"').replace('\n', r'\n')
