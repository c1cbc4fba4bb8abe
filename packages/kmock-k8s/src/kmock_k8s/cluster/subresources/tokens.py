"""Tokens of service accounts: they look like those of a real server, but nobody has signed them."""

import base64
import json
from datetime import UTC, timedelta
from typing import Any

from kmock_core.values.responses import Answer
from kmock_k8s.api.calls import Call
from kmock_k8s.cluster.backend import Backend, answer
from kmock_k8s.cluster.identity import check_identity
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.statuses import Cause, invalid, invalid_value
from kmock_k8s.cluster.subresources.bodies import kind_of, read_body
from kmock_k8s.cluster.write_options import read_write_options
from kmock_k8s.cluster.writing import load
from kmock_k8s.model.encoding import JSONObject, encode

ISSUER = 'https://kubernetes.default.svc'
_LEAST = 600
_MOST = 2**32


def create_token(call: Call, kind: Kind, backend: Backend) -> Answer:
    """POST: a token for a service account."""
    options = read_write_options(call.request, 'CreateOptions')
    requests = kind_of('authentication.k8s.io', 'v1', 'TokenRequest')
    content, warnings = read_body(call, requests, options)
    metadata: JSONObject = content['metadata']
    metadata.setdefault('name', call.location.name)
    check_identity(metadata, kind, call)
    spec: JSONObject = content.setdefault('spec', {})
    seconds: int = spec.get('expirationSeconds') or 3600
    causes: list[Cause] = []
    if seconds < _LEAST:
        causes.append(_refuse(seconds, 'may not specify a duration less than 10 minutes'))
    elif seconds > _MOST:
        causes.append(_refuse(seconds, 'may not specify a duration larger than 2^32 seconds'))
    if causes:
        raise invalid(requests.made(metadata['name']), causes)
    account = load(kind, call.key, backend)
    now = backend.clock().astimezone(UTC)
    expires = now + timedelta(seconds=seconds)
    audiences: list[str] = spec.get('audiences') or [ISSUER]
    claims = _claim(account['metadata'], audiences, int(now.timestamp()), seconds, backend.new_uid())
    metadata['creationTimestamp'] = backend.now()
    content['spec'] = {**spec, 'audiences': audiences, 'expirationSeconds': seconds}
    content['spec'].setdefault('boundObjectRef', None)
    content['status'] = {'token': _write(claims), 'expirationTimestamp': expires.strftime('%Y-%m-%dT%H:%M:%SZ')}
    return answer(encode(content), 201, warnings)


def _refuse(seconds: int, why: str) -> Cause:
    return invalid_value('spec.expirationSeconds', seconds, why)


def _claim(metadata: JSONObject, audiences: list[str], now: int, seconds: int, number: str) -> JSONObject:
    namespace, name = metadata['namespace'], metadata['name']
    return {
        'aud': audiences,
        'exp': now + seconds,
        'iat': now,
        'iss': ISSUER,
        'jti': number,
        'kubernetes.io': {'namespace': namespace, 'serviceaccount': {'name': name, 'uid': metadata['uid']}},
        'nbf': now,
        'sub': f'system:serviceaccount:{namespace}:{name}',
    }


def _write(claims: JSONObject) -> str:
    parts: tuple[Any, ...] = ({'alg': 'RS256', 'kid': 'kmock'}, claims)
    return '.'.join([*(_encode(json.dumps(part, separators=(',', ':')).encode()) for part in parts), _encode(b'kmock')])


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b'=').decode()
