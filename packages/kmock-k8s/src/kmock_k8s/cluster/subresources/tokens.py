"""Tokens of service accounts: they look like those of a real server, but nobody has signed them."""

import base64
import json
from datetime import UTC, timedelta
from typing import Any

from kmock_core.values.responses import Answer
from kmock_k8s.api.calls import Call
from kmock_k8s.cluster.backend import Backend, answer
from kmock_k8s.cluster.identity import place
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.statuses import Cause, Named, bad_request, conflict, invalid, invalid_value
from kmock_k8s.cluster.structures import part_of
from kmock_k8s.cluster.subresources.bodies import kind_of, read_body
from kmock_k8s.cluster.write_options import read_write_options
from kmock_k8s.cluster.writing import load
from kmock_k8s.model.encoding import JSONObject, encode
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.resources import resource

ISSUER = 'https://kubernetes.default.svc'
_LEAST = 600
_MOST = 2**32
_BOUND = frozenset({'Pod', 'Node', 'Secret'})


def create_token(call: Call, kind: Kind, backend: Backend) -> Answer:
    """POST: a token for a service account."""
    options = read_write_options(call.request, 'CreateOptions')
    requests = kind_of('authentication.k8s.io', 'v1', 'TokenRequest')
    content, warnings = read_body(call, requests, options)
    metadata: JSONObject = content['metadata']
    place(metadata, kind, call.location.namespace)
    name = call.location.name or ''
    given = metadata.get('name') or name
    if given != name:
        cause = invalid_value('metadata.name', given, 'must match the service account name if specified')
        raise invalid(requests.made(name), [cause])
    metadata['name'] = name
    account = load(kind, call.key, backend)
    spec: JSONObject = content.setdefault('spec', {})
    seconds: int = spec.get('expirationSeconds') or 3600
    causes: list[Cause] = []
    if seconds < _LEAST:
        causes.append(_refuse(seconds, 'may not specify a duration less than 10 minutes'))
    elif seconds > _MOST:
        causes.append(_refuse(seconds, 'may not specify a duration larger than 2^32 seconds'))
    if causes:
        raise invalid(requests.made(''), causes)
    if (bound := spec.get('boundObjectRef')) is not None:
        _check_bound(bound, call, backend)
    now = backend.clock().astimezone(UTC)
    expires = now + timedelta(seconds=seconds)
    audiences: list[str] = spec.get('audiences') or [ISSUER]
    claims = _claim(account['metadata'], audiences, int(now.timestamp()), seconds, backend.new_uid())
    metadata['creationTimestamp'] = backend.now()
    content['spec'] = {**spec, 'audiences': audiences, 'expirationSeconds': seconds}
    content['spec'].setdefault('boundObjectRef', None)
    content['status'] = {'token': _write(claims), 'expirationTimestamp': expires.strftime('%Y-%m-%dT%H:%M:%SZ')}
    ordered = {field: content[field] for field in ('kind', 'apiVersion', 'metadata', 'spec', 'status')}
    return answer(encode(ordered), 201, warnings)


def _check_bound(bound: JSONObject, call: Call, backend: Backend) -> None:
    """Refuse to bind a token to what is not there, or is another object, or is used by others."""
    version, name, uid = (bound.get(field) or '' for field in ('apiVersion', 'name', 'uid'))
    group, _, short = version.rpartition('/')
    wanted = bound.get('kind') or ''
    kind = None if group or wanted not in _BOUND else backend.find_kind(resource('', 'v1', f'{wanted.lower()}s'))
    if kind is None:
        raise bad_request(f'cannot bind token to object of type {group}/{short}, Kind={wanted}')
    found = load(kind, ObjectKey(kind.resource, call.location.namespace if kind.namespaced else None, name), backend)
    account = call.location.name
    if wanted == 'Pod' and (part_of(found, 'spec').get('serviceAccountName') or '') != account:
        why = 'to pod running with different serviceaccount name.'
        raise bad_request(f'cannot bind token for serviceaccount "{account}" {why}')
    if uid and uid != found['metadata']['uid']:
        why = f'the UID in the bound object reference ({uid}) does not match the UID in record. '
        raise conflict(Named('', wanted, name), f'{why}The object might have been deleted and then recreated')


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
