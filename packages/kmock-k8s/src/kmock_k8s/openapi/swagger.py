"""The OpenAPI v2 document: one of all groups together, in the words of Swagger 2.0."""

from base64 import urlsafe_b64encode
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from itertools import groupby
from typing import Final, NamedTuple

from kmock_k8s.model.encoding import JSONObject, encode
from kmock_k8s.openapi.components import KINDS, list_references
from kmock_k8s.openapi.parameters import list_parameters
from kmock_k8s.openapi.routes import JSON, MEANINGS, PROTOBUF, YAML, Route
from kmock_k8s.openapi.swagger_definitions import DEFINITIONS

PARAMETERS: Final = '#/parameters/'

_ORDER: Final = (
    'text/plain', JSON, YAML, PROTOBUF, f'{JSON};stream=watch', f'{PROTOBUF};stream=watch',
    'application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json',
    'application/apply-patch+yaml', '*/*',
)  # fmt: skip
_WRITTEN_OUT: Final = frozenset(('name', 'dryRun', 'fieldValidation'))
"""The parameters that stand where they are used: clients of long ago look for them there."""
_SHARED_BODIES: Final = ('.DeleteOptions', '.Patch')
_SECURITY: Final = {'BearerToken': {'type': 'apiKey', 'name': 'authorization', 'in': 'header'}}


class Fragment(NamedTuple):
    """A part of the document."""

    paths: JSONObject
    parameters: JSONObject
    """Those that are shared, by the names that they have for that."""
    wanted: frozenset[str]
    """The names of the definitions that are referred to."""


def head(release: str) -> JSONObject:
    """What the document has besides its fragments and its definitions."""
    return {
        'swagger': '2.0',
        'info': {'title': 'Kubernetes', 'version': release},
        'securityDefinitions': _SECURITY,
        'security': [{'BearerToken': []}],
    }


def describe_routes(routes: Iterable[Route]) -> Fragment:
    """The fragment of these operations; what all those at a path have in common is told once."""
    parameters: JSONObject = {}
    arranged = groupby(sorted(routes, key=_path_of), key=_path_of)
    paths = {path: _describe_path([*at], parameters) for path, at in arranged}
    return Fragment(paths, parameters, frozenset(list_references([paths, parameters], DEFINITIONS)))


def _path_of(route: Route) -> str:
    return route.path


def _describe_path(routes: list[Route], shared: JSONObject) -> JSONObject:
    found = [_parameters_of(route, shared) for route in routes]
    common = [one for one in found[0] if all(one in others for others in found[1:])]
    common = [one for one in common if not _is_body(one)]
    item: JSONObject = {}
    for route, own in zip(routes, found, strict=True):
        item[route.method] = _describe(route, [one for one in own if one not in common])
    return {**item, 'parameters': common} if common else item


def _is_body(parameter: JSONObject) -> bool:
    return parameter.get('in') == 'body' or str(parameter.get('$ref')).startswith(f'{PARAMETERS}body-')


def _parameters_of(route: Route, shared: JSONObject) -> list[JSONObject]:
    found: list[JSONObject] = []
    for one in list_parameters(route.path, route.query):
        schema: JSONObject = one['schema']
        told = {'uniqueItems': True, 'type': schema['type'], 'name': one['name'], 'in': one['in']}
        found.append({**told, 'required': True} if one['in'] == 'path' else told)
    if route.body is not None:
        required = {'required': True} if route.demands_body else {}
        found.append({'name': 'body', 'in': 'body', **required, 'schema': {'$ref': DEFINITIONS + route.body}})
    found.sort(key=lambda one: (one['name'], one['in']))
    return [_share(one, shared) for one in found]


def _share(parameter: JSONObject, shared: JSONObject) -> JSONObject:
    """What most operations have, in one place for all of them."""
    name: str = parameter['name']
    if name in _WRITTEN_OUT:
        return parameter
    if name == 'body' and not parameter['schema']['$ref'].endswith(_SHARED_BODIES):
        return parameter
    key = _key_of(encode(parameter), name)
    shared[key] = parameter
    return {'$ref': PARAMETERS + key}


@cache
def _key_of(parameter: bytes, name: str) -> str:
    return f'{name}-{urlsafe_b64encode(sha256(parameter).digest()[:6]).decode()}'


def _describe(route: Route, parameters: list[JSONObject]) -> JSONObject:
    about_itself = route.action is None
    told: JSONObject = {
        'consumes': _sort(route.produces if about_itself else route.consumes),
        'produces': _sort(route.produces),
        'schemes': ['https'],
        'tags': [route.tag],
        'operationId': route.operation,
    }
    if parameters:
        told['parameters'] = parameters
    answers: JSONObject = {}
    for status, name in route.answers.items():
        shown = {'type': 'string'} if name is None else {'$ref': DEFINITIONS + name}
        answers[str(status)] = {'description': MEANINGS[status], 'schema': shown}
    told['responses'] = {**answers, '401': {'description': 'Unauthorized'}}
    if route.action is not None:
        told['x-kubernetes-action'] = route.action
    if route.kind is not None:
        told[KINDS] = dict(zip(('group', 'version', 'kind'), route.kind, strict=True))
    return told


def _sort(media: Iterable[str]) -> list[str]:
    return sorted(media, key=_ORDER.index)
