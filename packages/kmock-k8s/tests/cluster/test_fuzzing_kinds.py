"""Objects of all built-in kinds with something wrong in them, at each verb: whatever comes, there is an answer.

They are made by the schemas and then spoiled, by a generator of random numbers: a seed is a whole scenario.
"""

import asyncio
import json
import random
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import quote

from hypothesis import example, given, settings
from hypothesis import strategies as st

import kmock
from kmock_k8s.api.describing import Description
from kmock_k8s.api.documents import Catalog
from kmock_k8s.model.known import ResourcesArray
from kmock_k8s.schemas import Schema, builtin

STRATEGIC = 'application/strategic-merge-patch+json'
PATCHES = ('application/merge-patch+json', 'application/json-patch+json', STRATEGIC, 'application/apply-patch+yaml')
DIRECTIVES = ('$patch', '$retainKeys', '$setElementOrder/containers', '$deleteFromPrimitiveList/finalizers')
TEXTS = (
    '', 'a', 'x y', 'a/b', 'v1', '*', 'All', 'Always', '-1', '100m', '1Gi', '80%', '²', '\0', 'é' * 70, 'a' * 300,
    '10.0.0.1', '::1', '10.0.0.0/8', 'TCP', '2020-01-01T00:00:00Z', '{}', '$(x)', '..', '\ud800', 'aGk=', 'Pod',
    'RollingUpdate', 'ClusterIP', 'ExternalName', 'kubernetes.io/tls', 'Exists', 'In', 'IPv4', '0 0 31 2 *', 'Recreate',
)  # fmt: skip
NUMBERS = (0, 1, -1, 80, 65536, 2**31, 2**63, 10**20, 0.5, 1e300)
OPTIONS = {
    'dryRun': ('All', 'x'),
    'fieldValidation': ('Strict', 'Warn', 'Ignore', 'x'),
    'fieldManager': ('me', 'é', 'a' * 200),
    'force': ('true', 'x'),
    'limit': ('1', '-1', 'x'),
    'continue': ('x', 'e30'),
    'resourceVersion': ('0', '5', 'x'),
    'resourceVersionMatch': ('Exact', 'NotOlderThan', 'x'),
    'labelSelector': ('a=b', '(('),
    'fieldSelector': ('metadata.name=a', 'x'),
    'propagationPolicy': ('Orphan', 'Foreground', 'x'),
    'gracePeriodSeconds': ('0', '-1', 'x'),
    'pretty': ('true',),
}
KNOWN_500 = (
    'resourceVersion should not be set on objects to be created',
    'strconv.ParseUint',
    'failed to create typed patch object',
    'target.kind: Unsupported value',
    'target.name: Required value',
)
"""What the real server says to be its own fault; besides, all that is wrong in strategic merge patches."""


class Request(NamedTuple):
    """One request of a scenario."""

    method: str
    target: str
    body: Any = None
    content_type: str = 'application/json'


@cache
def list_kinds() -> list[tuple[str, str, Description]]:
    """All built-in resources."""
    resources = ResourcesArray()
    resources.load_bundled()
    catalog = Catalog(dict(resources.items()))
    groups = ['', *catalog.groups]
    return [
        (group, version, item)
        for group in groups
        for version in catalog.versions(group)
        for item in catalog.resources(group, version)
    ]


class Maker:
    """Makes objects by their schemas, which are mostly right."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._wrong = dice.choice((0, 0.01, 0.05))

    def make(self, schema: Schema | None, depth: int = 0) -> Any:
        """A value that a schema allows, or something else."""
        dice = self._dice
        if schema is None or dice.random() < self._wrong:
            return self.junk()
        if schema.enum and dice.random() < 0.8:
            return dice.choice(schema.enum)
        if schema.int_or_string or (schema.name or '').endswith(('Quantity', 'IntOrString')):
            return dice.choice((1, '80%', '100m', -1, 'http', '1Gi'))
        if schema.properties:
            kept = 0.5 if depth < 3 else 0.25 if depth < 6 else 0.05
            chosen = [key for key in schema.properties if dice.random() < (0.95 if key in schema.required else kept)]
            return {key: self.make(schema.properties[key], depth + 1) for key in chosen if depth < 14}
        match schema.type:
            case 'object':
                keys = [dice.choice(('app', 'a', 'cpu', *TEXTS)) for _ in range(dice.randrange(3))]
                return {key: self.make(schema.additional, depth + 1) for key in keys}
            case 'array':
                return [self.make(schema.items, depth + 1) for _ in range(dice.choice((0, 1, 1, 2)))]
            case 'boolean':
                return dice.random() < 0.5
            case 'integer':
                return dice.choice((0, 1, 2, 80, 30080, -1, 2**31))
            case 'string':
                return dice.choice(TEXTS)
            case _:
                return self.junk()

    def junk(self, depth: int = 0) -> Any:
        """Anything."""
        dice = self._dice
        match dice.randrange(7 if depth < 3 else 5):
            case 0:
                return None
            case 1:
                return dice.random() < 0.5
            case 2:
                return dice.choice(NUMBERS)
            case 3 | 4:
                return dice.choice(TEXTS)
            case 5:
                return [self.junk(depth + 1) for _ in range(dice.randrange(3))]
            case _:
                return {dice.choice(('name', 'kind', *TEXTS)): self.junk(depth + 1) for _ in range(dice.randrange(3))}

    def spoil(self, content: Any) -> Any:
        """The same with a few changes anywhere."""
        dice = self._dice
        for _ in range(dice.randrange(3)):
            places = [*_places(content)]
            if not places:
                return content
            holder, key = dice.choice(places)
            if dice.random() < 0.2 and isinstance(holder, dict):
                holder[dice.choice(DIRECTIVES)] = self.junk()
            elif dice.random() < 0.2:
                del holder[key]
            else:
                holder[key] = self.junk()
        return content


def _places(content: Any) -> Iterator[tuple[Any, Any]]:
    fields: dict[str, Any] = content
    items: list[Any] = content
    known: list[tuple[Any, Any]] = []
    if isinstance(content, dict):
        known = [*fields.items()]
    elif isinstance(content, list):
        known = [*enumerate(items)]
    for key, below in known:
        yield content, key
        yield from _places(below)


class Scenario:
    """Some requests about one kind."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self._maker = Maker(self._dice)
        self._group, self._version, self._item = self._dice.choice(list_kinds())
        root = f'/apis/{self._group}/{self._version}/' if self._group else f'/api/{self._version}/'
        self._url = root + ('namespaces/default/' if self._item.namespaced else '') + self._item.plural

    def __iter__(self) -> Iterator[Request]:
        yield Request('POST', self._target(self._url, 'fieldValidation'), self._object())
        for _ in range(4):
            yield getattr(self, f'_{self._dice.choice(("create", "replace", "patch", "patch", "delete", "read"))}')()

    def _target(self, url: str, *names: str) -> str:
        chosen = [name for name in names if self._dice.random() < 0.25]
        return f'{url}?{"&".join(f"{name}={quote(self._dice.choice(OPTIONS[name]))}" for name in chosen)}'

    def _one(self) -> str:
        parts = ['', '', '', *(f'/{part.name}' for part in self._item.subresources)]
        return f'{self._url}/a{self._dice.choice(parts)}'

    def _object(self) -> Any:
        schema = builtin(self._group, self._version, self._item.kind)
        made: Any = self._maker.make(schema)
        fields: dict[str, Any] = made
        if not isinstance(made, dict):
            return made
        given: dict[str, Any] = fields.get('metadata') or {}
        chosen = given if isinstance(fields.get('metadata'), dict) and self._dice.random() < 0.2 else {}
        version = f'{self._group}/{self._version}'.removeprefix('/')
        named = {'apiVersion': version, 'kind': self._item.kind, 'metadata': {**chosen, 'name': 'a'}}
        return self._maker.spoil({**fields, **named})

    def _create(self) -> Request:
        return Request('POST', self._target(self._one(), 'dryRun', 'fieldValidation'), self._object())

    def _replace(self) -> Request:
        target = self._target(self._one(), 'dryRun', 'fieldValidation', 'fieldManager')
        return Request('PUT', target, self._object())

    def _patch(self) -> Request:
        how = self._dice.choice(PATCHES)
        names = ('dryRun', 'fieldValidation', 'force', 'pretty')
        target = self._target(self._one(), *names) + ('&fieldManager=me' if self._dice.random() < 0.9 else '')
        body = self._object()
        if how == PATCHES[1]:
            paths = ['', '/metadata', '/spec', *(f'/spec/{key}' for key in ('template', 'selector', 'replicas', 'x'))]
            kinds = ('add', 'remove', 'replace', 'test', 'move', 'copy', 'x')
            body = [
                {'op': self._dice.choice(kinds), 'path': self._dice.choice(paths), 'value': self._maker.junk()}
                | ({'from': self._dice.choice(paths)} if self._dice.random() < 0.5 else {})
                for _ in range(2)
            ]
        return Request('PATCH', target, body, how)

    def _delete(self) -> Request:
        names = ('dryRun', 'propagationPolicy', 'gracePeriodSeconds')
        if self._dice.random() < 0.3:
            return Request('DELETE', self._target(self._url, *names, 'labelSelector', 'fieldSelector', 'limit'))
        body = self._maker.make(builtin('', 'v1', 'DeleteOptions')) if self._dice.random() < 0.5 else None
        return Request('DELETE', self._target(self._one(), *names), body)

    def _read(self) -> Request:
        names = ('limit', 'continue', 'resourceVersion', 'resourceVersionMatch', 'labelSelector', 'fieldSelector')
        return Request('GET', self._target(self._dice.choice((self._url, self._one())), *names))


async def play(seeds: list[int]) -> list[str]:
    """What has gone wrong."""
    failures: list[str] = []
    async with kmock.KubernetesCluster() as cluster:
        before = cluster.snapshot()
        for seed in seeds:
            cluster.restore(before)
            for request in Scenario(seed):
                sent = {} if request.body is None else {'data': json.dumps(request.body).encode()}
                headers = {'Content-Type': request.content_type}
                response = await cluster.request(request.method, request.target, headers=headers, **sent)
                text = await response.text()
                is_known = request.content_type == STRATEGIC or response.status in {503, 504}
                is_known = is_known or any(one in text for one in KNOWN_500)
                if 'Traceback' in text or (response.status >= 500 and not is_known):
                    failures.append(f'seed {seed}: {request}: {text}')
    return failures


@settings(max_examples=8, deadline=None)
@given(start=st.integers(0, 2**40))
@example(start=0)
def test_no_object_of_any_kind_breaks_the_cluster(start: int) -> None:
    assert not asyncio.run(play([*range(start, start + 25)]))
