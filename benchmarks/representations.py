"""What clients ask for besides plain JSON: tables, metadata alone, protobuf, the OpenAPI documents."""

import asyncio
import json
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial

import kmock
from benchmarks.kubernetes import BASE, MANY
from benchmarks.objects import make_body, make_object
from benchmarks.report import Figure
from kmock_core.values.requests import IN_PROCESS
from kmock_core.values.responses import Answer
from kmock_k8s.protobuf import encode

ROUNDS = 5
WRITES = 1_000
AS = 'application/json;as={};v=v1;g=meta.k8s.io'
JSON, PROTOBUF = 'application/json', 'application/vnd.kubernetes.protobuf'


class Client:
    """A client in the same loop: what is measured is the cluster alone."""

    def __init__(self, cluster: kmock.KubernetesCluster) -> None:
        self._cluster = cluster

    def get(self, target: str, accept: str = JSON) -> bytes:
        """The body of an answer, which has to be a success."""
        return self._ask('GET', target, ((b'Accept', accept.encode()),))

    def create(self, body: bytes, content_type: str) -> bytes:
        """The same for a new ConfigMap."""
        return self._ask('POST', BASE, ((b'Content-Type', content_type.encode()),), body)

    def _ask(self, method: str, target: str, headers: tuple[tuple[bytes, bytes], ...], body: bytes = b'') -> bytes:
        answer = self._cluster.serve(method, target, headers, body, IN_PROCESS)
        assert isinstance(answer, Answer)
        assert answer.status in {200, 201}, answer.body
        assert isinstance(answer.body, bytes)
        return answer.body


def spent(function: Callable[[], object]) -> float:
    """The milliseconds that something takes."""
    start = time.perf_counter()
    function()
    return (time.perf_counter() - start) * 1e3


async def measure_lists() -> Iterator[Figure]:
    """10,000 objects: the first list encodes what is shown of each, the next ones have it."""
    async with kmock.KubernetesCluster() as cluster:
        client = Client(cluster)
        for number in range(MANY):
            client.create(make_body(number), JSON)
        whole = client.get(BASE)
        parsing = statistics.median(spent(lambda: json.loads(whole)) for _ in range(ROUNDS))
        figures = [Figure('shown: parsing the JSON of 10,000, ms', parsing)]
        for kind, field in (('Table', 'rows'), ('PartialObjectMetadataList', 'items')):
            accept = AS.format(kind)
            assert len(json.loads(client.get(f'{BASE}?limit=500', accept))[field]) == 500
            first = spent(partial(client.get, BASE, accept))
            again = statistics.median(spent(partial(client.get, BASE, accept)) for _ in range(ROUNDS))
            figures += [
                Figure(f'shown: the first list of 10,000 as {kind}, compared with parsing', first / parsing, at_most=2),
                Figure('shown: the next ones, compared with parsing', again / parsing, at_most=0.3),
            ]
    return iter(figures)


async def measure_writes() -> Iterator[Figure]:
    """The same objects, as Go clients send them."""
    async with kmock.KubernetesCluster() as cluster:
        client = Client(cluster)
        costs: dict[str, list[float]] = {JSON: [], PROTOBUF: []}
        client.create(make_body(MANY), JSON)
        client.create(encode(make_object(MANY + 1)) or b'', PROTOBUF)
        for number in range(WRITES):
            odd = number % 2
            body = encode(make_object(number)) or b'' if odd else make_body(number)
            kind = PROTOBUF if odd else JSON
            costs[kind].append(spent(partial(client.create, body, kind)))
    ratio = statistics.median(costs[PROTOBUF]) / statistics.median(costs[JSON])
    return iter([Figure('shown: creating by protobuf, compared with JSON', ratio, at_most=1.5)])


async def measure_documents() -> Iterator[Figure]:
    """The documents of the OpenAPI, as the first client that asks for them gets them."""
    async with kmock.KubernetesCluster() as cluster:
        client = Client(cluster)
        third = spent(lambda: client.get('/openapi/v3/apis/apps/v1'))
        second = spent(lambda: client.get('/openapi/v2'))
    return iter(
        [
            Figure('shown: /openapi/v3/apis/apps/v1, the first time, ms', third),
            Figure('shown: /openapi/v2, the first time, ms', second),
        ]
    )


def run() -> Iterator[Figure]:
    """All of them."""
    yield from asyncio.run(measure_documents())
    yield from asyncio.run(measure_lists())
    yield from asyncio.run(measure_writes())
