"""Operations: what can be done at a path, and how an OpenAPI document tells of it."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any, Final, NamedTuple

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.openapi.parameters import list_parameters

REFERENCE: Final = '#/components/schemas/'

JSON, YAML, PROTOBUF = 'application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'
WHOLE: Final = (JSON, PROTOBUF, YAML)
STREAMED: Final = (JSON, f'{JSON};stream=watch', PROTOBUF, f'{PROTOBUF};stream=watch', YAML)

MEANINGS: Final = {200: 'OK', 201: 'Created', 202: 'Accepted'}
"""What the statuses of answers mean."""


class Route(NamedTuple):
    """One operation at a path."""

    path: str
    method: str
    tag: str
    operation: str
    """Its id: no other one in all documents has it."""
    query: tuple[str, ...] = ()
    answers: Mapping[int, str | None] = {200: None}  # as immutable as it has to be
    """The schemas of what is answered, by their names; None is a text."""
    produces: tuple[str, ...] = WHOLE
    body: str | None = None
    consumes: tuple[str, ...] = ('*/*',)
    demands_body: bool = True
    action: str | None = None
    kind: tuple[str, str, str] | None = None
    """The group, the version, the kind that it is about."""


def build_paths(routes: Iterable[Route]) -> dict[str, Any]:
    """What OpenAPI tells of operations; what all those at a path have in common is told once."""
    paths: dict[str, Any] = {}
    for path, group in groupby(sorted(routes, key=lambda route: route.path), key=lambda route: route.path):
        at = [*group]
        parameters = [list_parameters(path, route.query) for route in at]
        common = [one for one in parameters[0] if all(one in others for others in parameters[1:])]
        item: JSONObject = {}
        for route, own in zip(at, parameters, strict=True):
            item[route.method] = _describe(route, [one for one in own if one not in common])
        paths[path] = {**item, 'parameters': common} if common else item
    return paths


def _describe(route: Route, parameters: list[JSONObject]) -> JSONObject:
    told: JSONObject = {'tags': [route.tag], 'operationId': route.operation}
    if parameters:
        told['parameters'] = parameters
    if route.body is not None:
        content = {media: {'schema': {'$ref': REFERENCE + route.body}} for media in route.consumes}
        told['requestBody'] = {'content': content, 'required': True} if route.demands_body else {'content': content}
    answers: JSONObject = {}
    for status, name in route.answers.items():
        shown = {'type': 'string'} if name is None else {'$ref': REFERENCE + name}
        content = {media: {'schema': shown} for media in route.produces}
        answers[str(status)] = {'description': MEANINGS[status], 'content': content}
    told['responses'] = {**answers, '401': {'description': 'Unauthorized'}}
    if route.action is not None:
        told['x-kubernetes-action'] = route.action
    if route.kind is not None:
        told['x-kubernetes-group-version-kind'] = dict(zip(('group', 'version', 'kind'), route.kind, strict=True))
    return told


def name_operation(verb: str, group: str, version: str, rest: str) -> str:
    """The id of an operation: ``listAppsV1NamespacedDeployment``."""
    parts = [group.removesuffix('.k8s.io') or 'core', version, rest]
    return verb + ''.join(capitalize(part) for part in parts if part)


def name_tag(group: str, version: str = '') -> str:
    """The tag of the operations of a group or of its version: ``rbacAuthorization_v1``."""
    tag = capitalize(group.removesuffix('.k8s.io') or 'core', first=False)
    return f'{tag}_{version}' if version else tag


def capitalize(text: str, *, first: bool = True) -> str:
    """A text as a part of an identifier: what can't be in one goes, and the next letter is a capital."""
    found: list[str] = []
    is_next = first
    for index, char in enumerate(text):
        if char.isalpha() or char == '_' or (index and char.isdigit()):
            found.append(char.upper() if is_next else char)
            is_next = False
        else:
            is_next = True
    return ''.join(found)
