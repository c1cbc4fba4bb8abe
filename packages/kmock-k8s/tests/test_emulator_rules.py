"""The rules of a test over the built-in behaviour of the emulator: who answers, and what happens nevertheless."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import attrs
import pytest

import kmock
from kmock_core.errors import LimitExceededError, UnmatchedRequestError
from kmock_k8s.store.states import Event

PODS = '/api/v1/namespaces/ns1/pods'
POD = f'{PODS}/pod1'
BODY: dict[str, Any] = {'metadata': {'name': 'pod1'}, 'spec': {'x': 1}}


@pytest.fixture
async def mock() -> AsyncIterator[kmock.KubernetesEmulator]:
    async with kmock.KubernetesEmulator() as mock:
        yield mock


@pytest.fixture
def pod(mock: kmock.KubernetesEmulator) -> kmock.Object:
    return mock.objects['v1/pods', 'ns1', 'pod1']


@pytest.fixture
def events(mock: kmock.KubernetesEmulator) -> list[Event]:
    events: list[Event] = []
    mock.objects.store.subscribe(events.append)
    return events


# ---- Rules come first. ----


def accept(request: kmock.Request) -> bool:
    return True


VIEWS: dict[str, Callable[[kmock.KubernetesEmulator], Any]] = {
    'everything': lambda mock: mock,
    'fallback': lambda mock: mock.fallback,
    'low-priority': lambda mock: mock**-1000,
    'override': lambda mock: mock.override,
    'callable': lambda mock: mock[accept],
}

REQUESTS = {
    'list': ('GET', PODS, b''),
    'list-unknown': ('GET', '/apis/kopf.dev/v1/kexes', b''),
    'list-badly': ('GET', f'{PODS}?limit=x', b''),
    'watch': ('GET', f'{PODS}?watch=true', b''),
    'watch-badly': ('GET', f'{PODS}?watch=true&resourceVersion=x', b''),
    'fetch': ('GET', POD, b''),
    'fetch-missing': ('GET', f'{PODS}/nosuch', b''),
    'create': ('POST', PODS, b'{"metadata":{"name":"new"}}'),
    'create-duplicate': ('POST', PODS, b'{"metadata":{"name":"pod1"}}'),
    'create-nameless': ('POST', PODS, b'{}'),
    'create-broken': ('POST', PODS, b'\xff'),
    'create-nothing': ('POST', PODS, b''),
    'replace': ('PUT', POD, b'{}'),
    'replace-missing': ('PUT', f'{PODS}/nosuch', b'{}'),
    'patch': ('PATCH', POD, b'{}'),
    'patch-missing': ('PATCH', f'{PODS}/nosuch', b'{}'),
    'patch-broken': ('PATCH', POD, b'[{"op":"remove","path":"/nosuch"}]'),
    'delete': ('DELETE', POD, b''),
    'delete-missing': ('DELETE', f'{PODS}/nosuch', b''),
    'delete-collection': ('DELETE', PODS, b''),
    'discovery': ('GET', '/apis', b''),
    'version': ('GET', '/version', b''),
    'unknown-group': ('GET', '/apis/nosuch.dev', b''),
    'subresource': ('POST', f'{POD}/eviction', b'{}'),
    'elsewhere': ('GET', '/elsewhere', b''),
}


@pytest.mark.parametrize('view', VIEWS.values(), ids=VIEWS)
@pytest.mark.parametrize(('method', 'url', 'body'), REQUESTS.values(), ids=REQUESTS)
async def test_a_rule_of_any_priority_answers_instead_of_what_is_built_in(
    mock: kmock.KubernetesEmulator,
    view: Callable[[kmock.KubernetesEmulator], Any],
    method: str,
    url: str,
    body: bytes,
) -> None:
    mock.objects['v1/pods', 'ns1', 'pod1'] = BODY
    rule = view(mock) << 299 << {'X-By': 'rule'} << b'by the rule'

    response = await mock.request(method, url, data=body)

    assert (response.status, response.headers['X-By'], await response.read()) == (299, 'rule', b'by the rule')
    assert (len(rule), len(mock), mock.served_by(mock[0])) == (1, 1, rule)
    assert (mock.errors, mock.unmatched) == ([], [])


@pytest.mark.parametrize(
    ('criteria', 'method', 'url'),
    [
        (('delete v1/pods',), 'DELETE', f'{PODS}/nosuch'),
        (('delete pods',), 'DELETE', f'{PODS}/nosuch'),
        (('list',), 'GET', PODS),
        ((kmock.LIST,), 'GET', '/apis/kopf.dev/v1/kexes'),
        ((kmock.action('fetch'), kmock.name('n*')), 'GET', f'{PODS}/nosuch'),
        (('v1/pods', kmock.namespace('ns1')), 'PATCH', f'{PODS}/nosuch'),
        ((kmock.resource['pods'], kmock.subresource('status')), 'PUT', f'{POD}/status'),
        (('create kopf.dev/v1/kexes',), 'POST', '/apis/kopf.dev/v1/kexes'),
        (('post', PODS), 'POST', PODS),
        ((kmock.method.DELETE, kmock.name(None)), 'DELETE', PODS),
    ],
)
async def test_rules_are_of_any_criteria(
    mock: kmock.KubernetesEmulator, criteria: tuple[Any, ...], method: str, url: str
) -> None:
    mock[criteria] << 418
    assert (await mock.request(method, url)).status == 418
    assert (await mock.get('/api/v1/namespaces/ns2/nodes/x')).status == 404


# ---- What happens nevertheless, and before. ----


@pytest.mark.parametrize('answer', [418, b'raw', {'spec': 'fake'}, kmock.KubernetesError(status=503)])
async def test_changes_happen_also_when_a_rule_answers(
    mock: kmock.KubernetesEmulator, pod: kmock.Object, events: list[Event], answer: Any
) -> None:
    mock << answer
    await mock.post(PODS, json=BODY)
    await mock.patch(POD, json={'spec': {'x': 2}})
    await mock.put(POD, json=BODY)
    await mock.delete(POD)
    assert pod.history == [BODY, {**BODY, 'spec': {'x': 2}}, BODY, None]
    assert [event.type for event in events] == ['ADDED', 'MODIFIED', 'MODIFIED', 'DELETED']
    assert mock.errors == []


async def test_changes_happen_also_when_a_rule_fails(mock: kmock.KubernetesEmulator, pod: kmock.Object) -> None:
    mock['post'] << ZeroDivisionError
    assert (await mock.post(PODS, json=BODY)).status == 500
    assert pod == BODY
    assert [type(error) for error in mock.errors] == [ZeroDivisionError]


async def test_changes_happen_also_when_a_criterion_fails(mock: kmock.KubernetesEmulator, pod: kmock.Object) -> None:
    def failing(request: kmock.Request) -> bool:
        raise ZeroDivisionError

    mock[failing] << 200
    assert (await mock.post(PODS, json=BODY)).status == 500
    assert pod.history == [BODY]


async def test_what_fails_does_not_happen_whoever_answers(
    mock: kmock.KubernetesEmulator, pod: kmock.Object, events: list[Event]
) -> None:
    mock << 200
    await mock.post(PODS, data=b'\xff')
    await mock.patch(POD, json=BODY)
    await mock.delete(POD)
    assert (pod.empty, events) == (True, [])


@pytest.mark.parametrize('is_async', [False, True])
async def test_callables_and_sinks_see_what_has_become_of_the_object(
    mock: kmock.KubernetesEmulator, pod: kmock.Object, is_async: bool
) -> None:
    seen: list[Any] = []

    def look(request: kmock.Request) -> Any:
        return (request.method_name, len(pod.history), None if pod.deleted else pod['spec']['x'])

    def answer(request: kmock.Request) -> Any:
        return list(look(request))

    async def answer_later(request: kmock.Request) -> Any:
        await asyncio.sleep(0)
        return answer(request)

    def sink(request: kmock.Request) -> None:
        seen.append(look(request))

    mock >> sink
    mock << (answer_later if is_async else answer)
    answers = [
        await (await mock.post(PODS, json=BODY)).json(),
        await (await mock.patch(POD, json={'spec': {'x': 2}})).json(),
        await (await mock.delete(POD)).json(),
    ]
    assert seen == [('POST', 1, 1), ('PATCH', 2, 2), ('DELETE', 3, None)]
    assert answers == [list(one) for one in seen]


async def test_a_rule_may_change_the_objects_and_leave_the_answer_to_what_is_built_in(
    mock: kmock.KubernetesEmulator,
) -> None:
    def make(request: kmock.KubernetesRequest) -> None:
        mock.objects['v1/pods', 'ns1', str(request.name)] = {'made': 'on demand'}

    mock['get v1/pods'] << make
    assert await (await mock.get(f'{PODS}/any')).json() == {'made': 'on demand'}


async def test_an_object_is_a_payload_as_it_is_by_then(mock: kmock.KubernetesEmulator, pod: kmock.Object) -> None:
    pod.create(BODY)
    mock['get /pod'] << pod
    await mock.patch(POD, json={'spec': 2})
    assert await (await mock.get('/pod')).json() == {**BODY, 'spec': 2}


# ---- Spies, and rules that step aside. ----


def decline(request: kmock.Request) -> None:
    return None


SPIES: dict[str, tuple[Any, int]] = {
    'none': (None, 5),
    'empty-stream': ((), 5),
    'callable': (decline, 0),  # as the request was not its own
    'not-mine': (NotImplemented, 0),
    'depleted': (StopIteration, 0),
}


@pytest.mark.parametrize(('payload', 'seen'), SPIES.values(), ids=SPIES)
async def test_a_spy_leaves_the_answer_to_what_is_built_in(
    mock: kmock.KubernetesEmulator, payload: Any, seen: int
) -> None:
    spy = mock << payload
    assert await (await mock.post(PODS, json=BODY)).json() == BODY
    assert await (await mock.get(POD)).json() == BODY
    assert (await (await mock.get(PODS)).json())['items'] == [BODY]
    assert (await mock.get(f'{PODS}/nosuch')).status == 404
    assert (await mock.get('/version')).status == 200
    assert mock.errors == []
    assert [mock.served_by(request) for request in mock] == [None] * 5
    assert len(mock) == 5
    assert len(spy) == seen


async def test_an_effect_sees_all_and_answers_nothing(mock: kmock.KubernetesEmulator) -> None:
    seen: list[kmock.Request] = []
    rule = mock['v1/pods'] >> seen
    await mock.post(PODS, json=BODY)
    await mock.get(POD)
    await mock.get('/api/v1/nodes/x')
    assert [request.method_name for request in seen] == ['POST', 'GET']
    assert len(rule) == 2


async def test_a_rule_for_the_first_request_leaves_the_others(
    mock: kmock.KubernetesEmulator, pod: kmock.Object
) -> None:
    rule = mock['get'][:1] << 503
    pod.create(BODY)
    assert [(await mock.get(POD)).status for _ in range(3)] == [503, 200, 200]
    assert len(rule) == 1


async def test_a_retry_of_what_did_happen_is_a_conflict(mock: kmock.KubernetesEmulator) -> None:
    mock['create'][:1] << 503  # as of a connection that broke on the way back
    assert [(await mock.post(PODS, json=BODY)).status for _ in range(2)] == [503, 409]


async def test_an_iterator_steps_aside_when_it_is_depleted(mock: kmock.KubernetesEmulator, pod: kmock.Object) -> None:
    pod.create(BODY)
    mock['get'] << iter([b'once'])
    assert await (await mock.get(POD)).read() == b'once'
    assert await (await mock.get(POD)).json() == BODY


async def test_a_rule_with_metadata_alone_answers(mock: kmock.KubernetesEmulator) -> None:
    mock['get'] << {'X-Warning': '1'}
    response = await mock.get(f'{PODS}/nosuch')
    assert (response.status, response.headers['X-Warning'], await response.read()) == (200, '1', b'')


# ---- Once, and only once. ----


@pytest.mark.parametrize('is_async', [False, True])
async def test_stateful_criteria_see_each_request_once_and_it_happens_once(
    mock: kmock.KubernetesEmulator, pod: kmock.Object, is_async: bool
) -> None:
    seen: list[tuple[str, int]] = []

    def criterion(request: kmock.Request) -> bool:
        seen.append((request.method_name, len(pod.history)))
        return request.method_name == 'PATCH'

    async def slow_criterion(request: kmock.Request) -> bool:
        await asyncio.sleep(0)
        return criterion(request)

    view = mock[slow_criterion if is_async else criterion]
    rule = view[:1] << 418
    statuses = [
        (await mock.post(PODS, json=BODY)).status,
        (await mock.patch(POD, json={'spec': 2})).status,
        (await mock.patch(POD, json={'spec': 3})).status,
        (await mock.delete(POD)).status,
    ]
    assert statuses == [200, 418, 200, 200]
    assert seen == [('POST', 1), ('PATCH', 2), ('PATCH', 3), ('DELETE', 4)]
    assert pod.history == [BODY, {**BODY, 'spec': 2}, {**BODY, 'spec': 3}, None]
    assert (len(view), len(rule), mock.errors) == (2, 1, [])


@attrs.define
class Wrapping(kmock.KubernetesEmulator):
    """Does something before and after; or answers by itself."""

    seen: list[int] = attrs.field(factory=list[int], init=False)

    async def _handle(self, request: kmock.Request) -> Any:
        if request.path == '/own':
            return kmock.Response(payload=b'own')
        self.seen.append(len(self.objects))
        return await super()._handle(request)


@attrs.define
class Muting(kmock.KubernetesEmulator):
    """Answers all by itself."""

    async def _handle(self, request: kmock.Request) -> Any:
        return kmock.Response(status=503)


async def test_a_subclass_that_handles_by_itself_performs_changes_once() -> None:
    async with Wrapping() as mock:
        pod = mock.objects['v1/pods', 'ns1', 'pod1']
        assert (await mock.post(PODS, json=BODY)).status == 200
        assert (await mock.post(PODS, json=BODY)).status == 409
        assert (await mock.patch(POD, json={'spec': 2})).status == 200
        assert await (await mock.get('/own')).read() == b'own'
        assert (await mock.delete(POD)).status == 200
        assert pod.history == [BODY, {**BODY, 'spec': 2}, None]
        assert mock.seen == [1, 1, 1, 0]


async def test_a_subclass_that_answers_by_itself_lets_changes_happen() -> None:
    async with Muting() as mock:
        assert (await mock.post(PODS, json=BODY)).status == 503
        assert len(mock.objects) == 1


async def test_many_requests_at_once_happen_once_each(mock: kmock.KubernetesEmulator) -> None:
    async def pause() -> None:
        await asyncio.sleep(0)

    mock << pause
    responses = await asyncio.gather(*[mock.post(PODS, json=BODY) for _ in range(20)])
    assert sorted(response.status for response in responses) == [200] + [409] * 19
    assert len(mock.objects['v1/pods', 'ns1', 'pod1'].history) == 1


# ---- What requests are. ----


async def test_requests_that_nobody_answered_but_the_emulator_are_recorded_too(mock: kmock.KubernetesEmulator) -> None:
    spy = mock['v1/pods', kmock.namespace('ns1')]
    await mock.post(PODS, json=BODY)
    await mock.get('/api/v1/namespaces/ns2/pods')
    await mock.patch(f'{POD}/status', json={})
    assert [(one.action, one.namespace, one.name, one.subresource) for one in spy] == [
        (kmock.CREATE, 'ns1', 'pod1', None),
        (kmock.UPDATE, 'ns1', 'pod1', 'status'),
    ]
    assert (len(mock['list']), len(mock[kmock.LIST]), len(mock[kmock.resource['pods']])) == (1, 1, 3)


async def test_too_many_requests_change_nothing() -> None:
    async with kmock.KubernetesEmulator(limit=1) as mock:
        await mock.post(PODS, json=BODY)
        response = await mock.delete(POD)
        told = await response.json()
        assert (response.status, told['kind'], told['code']) == (500, 'Status', 500)
        assert 'only 1 are served' in told['message']
        assert [type(error) for error in mock.errors] == [LimitExceededError]
        assert mock.objects['v1/pods', 'ns1', 'pod1'] == BODY


async def test_the_answer_of_a_rule_to_head_has_no_body(mock: kmock.KubernetesEmulator) -> None:
    mock['head', POD] << 299 << b'body'
    response = await mock.head(POD)
    assert (response.status, response.headers['Content-Length'], await response.read()) == (299, '4', b'')


# ---- Errors. ----


async def test_the_error_of_a_rule_is_a_status_and_an_error_of_the_test(mock: kmock.KubernetesEmulator) -> None:
    def fail() -> None:
        raise ValueError('what went wrong')

    mock['get'] << fail
    response = await mock.get(POD)
    told = await response.json()
    assert (response.status, response.headers['Content-Type']) == (500, 'application/json')
    assert (told['kind'], told['status'], told['code'], told['reason']) == ('Status', 'Failure', 500, 'InternalError')
    assert 'ValueError: what went wrong' in told['message']
    assert [str(error) for error in mock.errors] == ['what went wrong']


def raise_conflict() -> None:
    raise kmock.KubernetesObjectConflictError(message='no way', details={'name': 'x'})


CONFLICT = kmock.KubernetesError(status=409, reason='Conflict', message='m', details={'q': 1})


@pytest.mark.parametrize(
    ('payload', 'expected'),
    [
        (CONFLICT, {'code': 409, 'reason': 'Conflict', 'message': 'm', 'details': {'q': 1}}),
        (raise_conflict, {'code': 409, 'message': 'no way', 'details': {'name': 'x'}}),
        (kmock.KubernetesObjectNotFoundError, {'code': 404, 'reason': 'Object Not Found'}),
        (kmock.KubernetesNotFoundError(message='gone'), {'code': 404, 'reason': 'Not Found', 'message': 'gone'}),
        (kmock.KubernetesError, {'code': 500}),
        (lambda: kmock.KubernetesError(status=429, reason='TooMany'), {'code': 429, 'reason': 'TooMany'}),
    ],
)  # fmt: skip
async def test_errors_of_the_api_are_payloads_and_no_errors_of_the_test(
    mock: kmock.KubernetesEmulator, payload: Any, expected: dict[str, Any]
) -> None:
    mock['v1/pods'] << payload
    for response in (await mock.get(POD), await mock.post(PODS, json=BODY)):
        told = await response.json()
        assert response.status == expected['code']
        assert told.items() >= {'apiVersion': 'v1', 'kind': 'Status', 'status': 'Failure'}.items()
        assert {name: told[name] for name in expected} == expected
    assert mock.errors == []


async def test_a_sink_sees_the_requests_that_are_answered_by_errors_of_the_api(mock: kmock.KubernetesEmulator) -> None:
    seen: list[kmock.Request] = []
    mock['v1/pods'] >> seen << kmock.KubernetesObjectNotFoundError
    await mock.get(POD)
    await mock.post(PODS, json=BODY)
    assert seen == list(mock)


async def test_the_headers_of_a_rule_go_with_an_error_of_the_api(mock: kmock.KubernetesEmulator) -> None:
    mock['get'] << {'Retry-After': '5'} << kmock.KubernetesError(status=429)
    response = await mock.get(POD)
    assert (response.status, response.headers['Retry-After']) == (429, '5')


async def test_strictness_is_about_what_nothing_is_for_and_not_about_errors_of_the_api() -> None:
    async with kmock.KubernetesEmulator(strict=True) as mock:
        await mock.post(PODS, data=b'')
        await mock.post(PODS, json=BODY)
        await mock.post(PODS, json=BODY)
        await mock.get(f'{PODS}/nosuch')
        await mock.get(f'{PODS}?limit=x')
    with pytest.raises(UnmatchedRequestError, match=r'No rule answers GET /apis/kopf\.dev/v1/kexes'):
        async with kmock.KubernetesEmulator(strict=True) as mock:
            await mock.get('/apis/kopf.dev/v1/kexes')


async def test_what_nothing_is_for_explains_why_the_nearest_rules_did_not_answer(
    mock: kmock.KubernetesEmulator,
) -> None:
    mock['post v1/pods', kmock.subresource('binding')] << 201
    mock['post', kmock.subresource('eviction'), kmock.data({'kind': 'Eviction'})] << 201

    told = await (await mock.post(f'{POD}/eviction', json={'kind': 'Evection'})).json()

    (error,) = mock.errors
    assert isinstance(error, UnmatchedRequestError)
    assert (error.request, str(error)) == (mock[0], told['message'])
    assert "'Evection' != 'Eviction'" in told['message']
    assert "'eviction' != 'binding'" in told['message']


async def test_a_built_in_behaviour_is_told_in_words(mock: kmock.KubernetesEmulator) -> None:
    mock.objects['v1/pods', 'ns1', 'pod1'] = {}
    for method, url in (('GET', PODS), ('DELETE', POD), ('GET', '/apis'), ('GET', '/elsewhere'), ('POST', '/apis')):
        await mock.request(method, url)
    told = [mock.describe_builtin(request) for request in mock]
    assert told[:3] == ['list v1/pods', 'delete v1/pods', 'discovery']
    assert told[4] is None


async def test_a_built_in_behaviour_that_was_refused_is_told_with_the_reason(mock: kmock.KubernetesEmulator) -> None:
    await mock.post(PODS, json={})
    await mock.get('/api/v1/namespaces/ns1/pods/none')
    await mock.get('/apis/none.dev')

    told = [mock.describe_builtin(request) or '' for request in mock]
    assert told[0] == 'create v1/pods, refused: metadata.name: Required value: name or generateName is required'
    assert told[1].startswith('fetch v1/pods, refused: v1/pods ns1/none does not exist.')
    assert told[2].startswith('discovery, refused: No resources are known in the API group none.dev')

    mock.reset()
    await mock.get(PODS)
    assert mock.describe_builtin(mock[0]) == 'list v1/pods'


async def test_an_error_about_an_undeclared_resource_says_how_to_declare_it(mock: kmock.KubernetesEmulator) -> None:
    response = await mock.get('/apis/kopf.dev/v1/kopfexamples')

    title, hint, *_ = str(mock.errors[0]).splitlines()
    assert title == 'No rule answers GET /apis/kopf.dev/v1/kopfexamples'
    assert "kmock.resources['kopf.dev/v1/kopfexamples'] = {}" in hint
    assert (await response.json())['message'] == str(mock.errors[0])


async def test_an_object_as_a_payload_is_what_it_is_at_the_time_of_the_request(mock: kmock.KubernetesEmulator) -> None:
    mock['get /mine'] << mock.objects['v1/pods', 'ns1', 'pod1']
    absent = await mock.get('/mine')
    assert (absent.status, (await absent.json())['reason']) == (404, 'Object Not Found')
    mock.objects['v1/pods', 'ns1', 'pod1'] = {'spec': {'x': 1}}
    assert await (await mock.get('/mine')).json() == {'spec': {'x': 1}}
    mock.objects['v1/pods', 'ns1', 'pod1'].patch({'spec': {'x': 2}})
    assert await (await mock.get('/mine')).json() == {'spec': {'x': 2}}
    assert not mock.errors


@pytest.mark.parametrize(
    ('method', 'name', 'body'),
    [
        ('POST', '', {'metadata': {'name': 'new'}}),
        ('PUT', '/pod1', {'spec': {'x': 2}}),
        ('PATCH', '/pod1', {'spec': {'x': 2}}),
        ('DELETE', '/pod1', None),
        ('DELETE', '/held', None),
        ('DELETE', '', None),
    ],
)
async def test_a_dry_run_is_answered_but_nothing_is_stored(
    mock: kmock.KubernetesEmulator, method: str, name: str, body: dict[str, Any] | None
) -> None:
    url = f'/api/v1/namespaces/ns1/pods{name}?dryRun=All'
    mock.objects['v1/pods', 'ns1', 'pod1'] = {'spec': {'x': 1}}
    mock.objects['v1/pods', 'ns1', 'held'] = {'metadata': {'finalizers': ['a/b']}}
    before, revision = str(mock.objects), mock.objects.store.revision
    response = await mock.request(method, url, json=body)
    assert response.status == 200
    assert (str(mock.objects), mock.objects.store.revision) == (before, revision)
