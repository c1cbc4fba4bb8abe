"""The clients of Kubernetes in Python work with the emulator as with a cluster, on built-in and on custom objects.

The emulator adds nothing to objects; the tests send what the clients need: kr8s, a `resourceVersion` to watch.
"""

# What the clients give is taken for what the protocol below says; the tests see it.
# mypy: disable-error-code="no-any-return"

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from contextlib import closing, contextmanager
from importlib import import_module
from typing import Any, NamedTuple, Protocol, TypeAlias, TypeVar

import pytest

import kmock
from kmock import KubernetesEmulator

JSON: TypeAlias = dict[str, Any]
Seen: TypeAlias = tuple[str, str]
T = TypeVar('T')

pytestmark = pytest.mark.kmock(cls=KubernetesEmulator)


class Sort(NamedTuple):
    """A sort of objects that the clients work with."""

    resource: kmock.resource
    api_version: str
    kind: str

    def example(self, name: str = 'one', version: str | None = None, **labels: str) -> JSON:
        metadata: JSON = {'name': name, 'namespace': 'ns1', 'labels': labels}
        if version is not None:
            metadata['resourceVersion'] = version
        return {'apiVersion': self.api_version, 'kind': self.kind, 'metadata': metadata, 'data': {'x': '1', 'y': '2'}}


CONFIGMAPS = Sort(kmock.resource('v1/configmaps'), 'v1', 'ConfigMap')
EXAMPLES = Sort(kmock.resource('kopf.dev/v1/kopfexamples'), 'kopf.dev/v1', 'KopfExample')


class RefusedError(Exception):
    """An error of a client, with the status that the server has answered, and all that the client shows of it."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class Client(Protocol):
    """What all clients can do, each in its own words, with plain dictionaries; all in one namespace."""

    def create(self, content: JSON, /) -> None: ...
    def get(self, name: str, /) -> JSON: ...
    def list(self, labels: str, /) -> list[JSON]: ...
    def patch(self, name: str, changes: JSON, /) -> JSON: ...
    def delete(self, name: str, /) -> None: ...
    def watch(self) -> Generator[Seen, None, None]: ...
    def close(self) -> None: ...


# ---- kubernetes ----


@contextmanager
def errors_of(kind: type[Exception]) -> Generator[None, None, None]:
    try:
        yield
    except kind as exc:
        error: Any = exc
        raise RefusedError(error.status, f'{error} {error.body}') from exc


class TypedMethods:
    """The official client: the methods of a group, or those for custom objects."""

    def __init__(self, kmock: KubernetesEmulator, sort: Sort) -> None:
        library: Any = import_module('kubernetes')
        self._error = library.client.ApiException
        self._watching = library.watch
        self._client = library.client.ApiClient(library.client.Configuration(host=str(kmock.url)))
        group, version, plural = sort.resource.key
        self._path = {'namespace': 'ns1'} | ({'group': group, 'version': version, 'plural': plural} if group else {})
        api = library.client.CustomObjectsApi if group else library.client.CoreV1Api
        self._api = api(self._client)
        self._suffix = 'custom_object' if group else 'config_map'
        self._reading = 'get' if group else 'read'

    def close(self) -> None:
        self._client.close()

    def _method(self, verb: str) -> Any:
        return getattr(self._api, f'{verb}_namespaced_{self._suffix}')

    def _call(self, verb: str, **kwargs: Any) -> Any:
        with errors_of(self._error):
            return self._client.sanitize_for_serialization(self._method(verb)(**self._path, **kwargs))

    def create(self, content: JSON) -> None:
        self._call('create', body=content)

    def get(self, name: str) -> JSON:
        return self._call(self._reading, name=name)

    def list(self, labels: str) -> list[JSON]:
        return self._call('list', label_selector=labels)['items']

    def patch(self, name: str, changes: JSON) -> JSON:
        return self._call('patch', name=name, body=changes)

    def delete(self, name: str) -> None:
        self._call('delete', name=name)

    def watch(self) -> Generator[Seen, None, None]:
        for event in self._watching.Watch().stream(self._method('list'), **self._path):
            yield event['type'], event['raw_object']['metadata']['name']


class DynamicMethods:
    """The official client by its DynamicClient, which learns of the resources by discovery."""

    def __init__(self, kmock: KubernetesEmulator, sort: Sort) -> None:
        library: Any = import_module('kubernetes')
        self._error = library.client.ApiException
        self._client = library.client.ApiClient(library.client.Configuration(host=str(kmock.url)))
        dynamic: Any = import_module('kubernetes.dynamic').DynamicClient(self._client)
        self._api = dynamic.resources.get(api_version=sort.api_version, kind=sort.kind)

    def close(self) -> None:
        self._client.close()

    def _call(self, verb: str, **kwargs: Any) -> Any:
        with errors_of(self._error):
            return getattr(self._api, verb)(namespace='ns1', **kwargs).to_dict()

    def create(self, content: JSON) -> None:
        self._call('create', body=content)

    def get(self, name: str) -> JSON:
        return self._call('get', name=name)

    def list(self, labels: str) -> list[JSON]:
        return self._call('get', label_selector=labels)['items']

    def patch(self, name: str, changes: JSON) -> JSON:
        return self._call('patch', name=name, body=changes, content_type='application/merge-patch+json')

    def delete(self, name: str) -> None:
        self._call('delete', name=name)

    def watch(self) -> Generator[Seen, None, None]:
        for event in self._api.watch(namespace='ns1'):
            yield event['type'], event['raw_object']['metadata']['name']


# ---- lightkube ----


class Lightkube:
    """The client of lightkube, with its models, or with generic resources."""

    def __init__(self, kmock: KubernetesEmulator, sort: Sort) -> None:
        library: Any = import_module('lightkube')
        self._error: Any = library.ApiError
        group, version, plural = sort.resource.key
        if group:
            generic: Any = import_module('lightkube.generic_resource')
            self._type: Any = generic.create_namespaced_resource(group, version, sort.kind, plural)
        else:
            self._type = import_module('lightkube.resources.core_v1').ConfigMap
        self._client = library.Client(
            config=library.KubeConfig.from_dict(kmock.kubeconfig()), namespace='ns1', trust_env=False
        )

    def close(self) -> None:
        self._client._client.close()  # there is no other way

    @contextmanager
    def _errors(self) -> Generator[None, None, None]:
        try:
            yield
        except self._error as exc:
            error: Any = exc
            raise RefusedError(error.status.code, str(error)) from exc

    def create(self, content: JSON) -> None:
        self._client.create(self._type.from_dict(content))

    def get(self, name: str) -> JSON:
        with self._errors():
            return self._client.get(self._type, name).to_dict()

    def list(self, labels: str) -> list[JSON]:
        key, _, value = labels.partition('=')
        return [found.to_dict() for found in self._client.list(self._type, labels={key: value})]

    def patch(self, name: str, changes: JSON) -> JSON:
        return self._client.patch(self._type, name, changes).to_dict()

    def delete(self, name: str) -> None:
        self._client.delete(self._type, name)

    def watch(self) -> Generator[Seen, None, None]:
        for event, found in self._client.watch(self._type):
            yield event, found.metadata.name


# ---- kr8s ----


class Kr8s:
    """The blocking client of kr8s."""

    def __init__(self, kmock: KubernetesEmulator, sort: Sort) -> None:
        library: Any = import_module('kr8s')
        self._error: Any = library.NotFoundError
        kmock.version = {**kmock.version, 'minor': '35', 'gitVersion': 'v1.35.0'}  # the latest that it knows
        objects: Any = import_module('kr8s.objects')
        self._api: Any = library.api(url=str(kmock.url), namespace='ns1')
        self._type: Any = objects.ConfigMap
        if sort is EXAMPLES:
            self._type = objects.new_class(sort.kind, sort.api_version, asyncio=False, namespaced=True)

    def close(self) -> None:
        # There is no public way; the connections are those of a thread that kr8s has for all blocking clients.
        import_module('kr8s._async_utils').Portal().call(self._api._session.aclose)

    def create(self, content: JSON) -> None:
        self._type(content, api=self._api).create()

    def get(self, name: str) -> JSON:
        try:
            return self._type.get(name, namespace='ns1', api=self._api, timeout=0.1).to_dict()
        except self._error as exc:
            raise RefusedError(404, str(exc)) from exc

    def list(self, labels: str) -> list[JSON]:
        return [found.to_dict() for found in self._type.list(namespace='ns1', label_selector=labels, api=self._api)]

    def patch(self, name: str, changes: JSON) -> JSON:
        found = self._type.get(name, namespace='ns1', api=self._api)
        found.patch(changes)
        return found.to_dict()

    def delete(self, name: str) -> None:
        self._type.get(name, namespace='ns1', api=self._api).delete()

    def watch(self) -> Generator[Seen, None, None]:
        for event, found in self._api.watch(self._type, namespace='ns1'):
            yield event, found.name


# ---- Asynchronous ones: each in a loop of its own ----


class Running:
    """Runs what is asynchronous, piece by piece."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()

    def close(self) -> None:
        self._runner.close()

    def run(self, coro: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(coro)

    def iterate(self, items: AsyncGenerator[T, None]) -> Generator[T, None, None]:
        async def step() -> T:
            return await anext(items)

        try:
            while True:
                yield self.run(step())
        finally:
            self.run(items.aclose())


class KubernetesAsyncio:
    """The client kubernetes-asyncio: as the official one, but asynchronous."""

    def __init__(self, kmock: KubernetesEmulator, sort: Sort) -> None:
        self._running = Running()
        library: Any = import_module('kubernetes_asyncio')
        self._error = library.client.ApiException
        self._watching = library.watch
        group, version, plural = sort.resource.key
        self._path = {'namespace': 'ns1'} | ({'group': group, 'version': version, 'plural': plural} if group else {})
        self._suffix = 'custom_object' if group else 'config_map'
        self._reading = 'get' if group else 'read'

        async def connect() -> tuple[Any, Any]:
            client = library.client.ApiClient(library.client.Configuration(host=str(kmock.url)))
            return client, (library.client.CustomObjectsApi if group else library.client.CoreV1Api)(client)

        self._client, self._api = self._running.run(connect())

    def close(self) -> None:
        self._running.run(self._client.close())
        self._running.close()

    def _method(self, verb: str) -> Any:
        return getattr(self._api, f'{verb}_namespaced_{self._suffix}')

    def _call(self, verb: str, **kwargs: Any) -> Any:
        async def call() -> Any:
            return await self._method(verb)(**self._path, **kwargs)

        with errors_of(self._error):
            return self._client.sanitize_for_serialization(self._running.run(call()))

    def create(self, content: JSON) -> None:
        self._call('create', body=content)

    def get(self, name: str) -> JSON:
        return self._call(self._reading, name=name)

    def list(self, labels: str) -> list[JSON]:
        return self._call('list', label_selector=labels)['items']

    def patch(self, name: str, changes: JSON) -> JSON:
        return self._call('patch', name=name, body=changes, _content_type='application/merge-patch+json')

    def delete(self, name: str) -> None:
        self._call('delete', name=name)

    def watch(self) -> Generator[Seen, None, None]:
        async def watch() -> AsyncGenerator[Seen, None]:
            async with self._watching.Watch().stream(self._method('list'), **self._path) as events:
                async for event in events:
                    yield event['type'], event['raw_object']['metadata']['name']

        return self._running.iterate(watch())


class LightkubeAsync:
    """The asynchronous client of lightkube."""

    def __init__(self, kmock: KubernetesEmulator, sort: Sort) -> None:
        self._running = Running()
        library: Any = import_module('lightkube')
        self._error: Any = library.ApiError
        group, version, plural = sort.resource.key
        if group:
            generic: Any = import_module('lightkube.generic_resource')
            self._type: Any = generic.create_namespaced_resource(group, version, sort.kind, plural)
        else:
            self._type = import_module('lightkube.resources.core_v1').ConfigMap
        config = library.KubeConfig.from_dict(kmock.kubeconfig())
        self._client = library.AsyncClient(config=config, namespace='ns1', trust_env=False)

    def close(self) -> None:
        self._running.run(self._client.close())
        self._running.close()

    def create(self, content: JSON) -> None:
        self._running.run(self._client.create(self._type.from_dict(content)))

    def get(self, name: str) -> JSON:
        try:
            return self._running.run(self._client.get(self._type, name)).to_dict()
        except self._error as exc:
            error: Any = exc
            raise RefusedError(error.status.code, str(error)) from exc

    def list(self, labels: str) -> list[JSON]:
        key, _, value = labels.partition('=')

        async def call() -> list[JSON]:
            return [found.to_dict() async for found in self._client.list(self._type, labels={key: value})]

        return self._running.run(call())

    def patch(self, name: str, changes: JSON) -> JSON:
        return self._running.run(self._client.patch(self._type, name, changes)).to_dict()

    def delete(self, name: str) -> None:
        self._running.run(self._client.delete(self._type, name))

    def watch(self) -> Generator[Seen, None, None]:
        async def watch() -> AsyncGenerator[Seen, None]:
            async for event, found in self._client.watch(self._type):
                yield event, found.metadata.name

        return self._running.iterate(watch())


class Kr8sAsync:
    """The asynchronous client of kr8s."""

    def __init__(self, kmock: KubernetesEmulator, sort: Sort) -> None:
        self._running = Running()
        library: Any = import_module('kr8s')
        self._error: Any = library.NotFoundError
        kmock.version = {**kmock.version, 'minor': '35', 'gitVersion': 'v1.35.0'}  # the latest that it knows
        objects: Any = import_module('kr8s.asyncio.objects')
        self._api: Any = self._running.run(import_module('kr8s.asyncio').api(url=str(kmock.url), namespace='ns1'))
        self._type: Any = objects.ConfigMap
        if sort is EXAMPLES:
            self._type = objects.new_class(sort.kind, sort.api_version, namespaced=True)

    def close(self) -> None:
        self._running.run(self._api._session.aclose())  # there is no public way
        self._running.close()

    async def _find(self, name: str) -> Any:
        return await self._type.get(name, namespace='ns1', api=self._api, timeout=0.1)

    def create(self, content: JSON) -> None:
        async def call() -> None:
            await (await self._type(content, api=self._api)).create()

        self._running.run(call())

    def get(self, name: str) -> JSON:
        try:
            return self._running.run(self._find(name)).to_dict()
        except self._error as exc:
            raise RefusedError(404, str(exc)) from exc

    def list(self, labels: str) -> list[JSON]:
        async def call() -> list[JSON]:
            found = self._type.list(namespace='ns1', label_selector=labels, api=self._api)
            return [one.to_dict() async for one in found]

        return self._running.run(call())

    def patch(self, name: str, changes: JSON) -> JSON:
        async def call() -> JSON:
            found = await self._find(name)
            await found.patch(changes)
            return found.to_dict()

        return self._running.run(call())

    def delete(self, name: str) -> None:
        async def call() -> None:
            await (await self._find(name)).delete()

        self._running.run(call())

    def watch(self) -> Generator[Seen, None, None]:
        async def watch() -> AsyncGenerator[Seen, None]:
            async for event, found in self._api.watch(self._type, namespace='ns1'):
                yield event, found.name

        return self._running.iterate(watch())


# ---- What they can do ----

CLIENTS: list[Callable[[KubernetesEmulator, Sort], Client]] = [
    TypedMethods,
    DynamicMethods,
    KubernetesAsyncio,
    Lightkube,
    LightkubeAsync,
    Kr8s,
    Kr8sAsync,
]


@pytest.fixture(params=[CONFIGMAPS, EXAMPLES], ids=lambda sort: sort.kind)
def sort(request: pytest.FixtureRequest) -> Sort:
    return request.param


@pytest.fixture(params=CLIENTS, ids=lambda make: make.__name__)
def client(request: pytest.FixtureRequest, kmock: KubernetesEmulator, sort: Sort) -> Generator[Client, None, None]:
    kmock.resources[CONFIGMAPS.resource] = {}
    kmock.resources[EXAMPLES.resource] = {'kind': EXAMPLES.kind}
    with closing(request.param(kmock, sort)) as client:
        yield client


def test_what_a_client_creates_is_stored_as_it_was_sent(kmock: KubernetesEmulator, sort: Sort, client: Client) -> None:
    client.create(sort.example(app='a'))
    assert kmock.objects[sort.resource, 'ns1', 'one'] == sort.example(app='a')


def test_a_client_gets_what_the_test_has_stored(kmock: KubernetesEmulator, sort: Sort, client: Client) -> None:
    kmock.objects[sort.resource, 'ns1', 'one'] = sort.example(app='a')
    assert kmock.Object(client.get('one')) >= sort.example(app='a')


def test_a_client_is_told_of_what_is_not_there(sort: Sort, client: Client) -> None:
    with pytest.raises(RefusedError, match='one') as caught:
        client.get('one')
    assert caught.value.status == 404


def test_a_client_lists_what_it_selects_by_labels(kmock: KubernetesEmulator, sort: Sort, client: Client) -> None:
    for name, app in {'one': 'a', 'two': 'b', 'three': 'a'}.items():
        kmock.objects[sort.resource, 'ns1', name] = sort.example(name, app=app)
    kmock.objects[sort.resource, 'ns2', 'four'] = sort.example('four', app='a')
    assert [found['metadata']['name'] for found in client.list('app=a')] == ['one', 'three']


def test_a_client_patches(kmock: KubernetesEmulator, sort: Sort, client: Client) -> None:
    kmock.objects[sort.resource, 'ns1', 'one'] = sort.example()
    answer = client.patch('one', {'data': {'x': '3', 'y': None}})
    assert answer['data'] == {'x': '3'}
    assert kmock.objects[sort.resource, 'ns1', 'one'] == {**sort.example(), 'data': {'x': '3'}}


def test_a_client_deletes(kmock: KubernetesEmulator, sort: Sort, client: Client) -> None:
    kmock.objects[sort.resource, 'ns1', 'one'] = sort.example()
    client.delete('one')
    assert kmock.objects[sort.resource, 'ns1', 'one'].deleted


def test_a_client_watches_what_happens(kmock: KubernetesEmulator, sort: Sort, client: Client) -> None:
    kmock.objects[sort.resource, 'ns1', 'one'] = sort.example(version='1')
    with closing(client.watch()) as events:
        assert next(events) == ('ADDED', 'one')
        kmock.objects[sort.resource, 'ns1', 'two'] = sort.example('two', version='2')
        assert next(events) == ('ADDED', 'two')
        kmock.objects[sort.resource, 'ns1', 'one']['data']['x'] = '3'
        assert next(events) == ('MODIFIED', 'one')
        kmock.objects[sort.resource, 'ns1', 'one'].delete()
        assert next(events) == ('DELETED', 'one')
