"""The emulator against plain dictionaries: whatever is done in whatever order, it answers, keeps and tells the same."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from copy import deepcopy
from typing import Any, ClassVar, NamedTuple, TypeAlias, cast
from urllib.parse import quote

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import kmock
from kmock_core.testing import FakeTimeLoop
from kmock_core.values.responses import Answer, BodyStream
from kmock_k8s.api import streams
from kmock_k8s.model.encoding import encode
from readers import Line, Reader

JSON: TypeAlias = dict[str, Any]
Operations: TypeAlias = tuple[list[JSON], JSON, bool]


class Key(NamedTuple):
    plural: str
    namespace: str | None
    name: str

    @property
    def collection(self) -> str:
        return url_of(self.plural, self.namespace)

    @property
    def url(self) -> str:
        return f'{self.collection}/{self.name}'


def url_of(plural: str, namespace: str | None) -> str:
    return f'/api/v1/{plural}' if namespace is None else f'/api/v1/namespaces/{namespace}/{plural}'


KEYS = [Key('pods', 'ns1', 'a'), Key('pods', 'ns1', 'b'), Key('pods', 'ns2', 'a'), Key('nodes', None, 'a')]


class Selector(NamedTuple):
    """A selector as it is asked for, and what it means."""

    query: str
    matches: Callable[[Key, JSON], bool]

    def __repr__(self) -> str:
        return repr(self.query)


def labels_of(body: JSON) -> JSON:
    return cast('JSON', body['metadata'].get('labels') or {})


def has_any(key: Key, body: JSON) -> bool:
    return True


def has_app_x(key: Key, body: JSON) -> bool:
    return labels_of(body).get('app') == 'x'


def has_tier_but_not_app_x(key: Key, body: JSON) -> bool:
    return labels_of(body).get('app') != 'x' and 'tier' in labels_of(body)


def has_no_app(key: Key, body: JSON) -> bool:
    return 'app' not in labels_of(body)


def has_x_1(key: Key, body: JSON) -> bool:
    return body.get('x') == 1


def has_name_a(key: Key, body: JSON) -> bool:
    return key.name == 'a'


def has_app_but_not_x_1(key: Key, body: JSON) -> bool:
    return body.get('x') != 1 and 'app' in labels_of(body)


ALL = Selector('', has_any)
SELECTORS = [
    ALL,
    Selector('labelSelector=app=x', has_app_x),
    Selector('labelSelector=app!=x,tier', has_tier_but_not_app_x),
    Selector('labelSelector=!app', has_no_app),
    Selector('fieldSelector=x=1', has_x_1),
    Selector('fieldSelector=metadata.name=a', has_name_a),
    Selector('fieldSelector=x!=1&labelSelector=app', has_app_but_not_x_1),
]


class Scope(NamedTuple):
    """What a list or a watch is about."""

    plural: str
    namespace: str | None
    selector: Selector

    @property
    def url(self) -> str:
        return f'{url_of(self.plural, self.namespace)}?{quote(self.selector.query, safe="=&")}'

    def has(self, key: Key, body: JSON | None) -> bool:
        return (
            body is not None
            and key.plural == self.plural
            and self.namespace in (None, key.namespace)
            and self.selector.matches(key, body)
        )


class Change(NamedTuple):
    """One change of one object, as the model sees it."""

    revision: int
    key: Key
    before: JSON | None
    after: JSON | None

    def shown_in(self, scope: Scope) -> list[Line]:
        was, is_ = scope.has(self.key, self.before), scope.has(self.key, self.after)
        if is_:
            return [('MODIFIED' if was else 'ADDED', cast('JSON', self.after))]
        return [('DELETED', cast('JSON', self.before))] if was else []


class Model:
    """Plain dictionaries, and a list of what has happened."""

    def __init__(self) -> None:
        self.revision = 1
        self.floor = 0
        self.histories: dict[Key, list[JSON | None]] = {}
        self.changes: list[Change] = []

    def get(self, key: Key) -> JSON | None:
        return self.histories[key][-1] if key in self.histories else None

    def put(self, key: Key, body: JSON) -> None:
        self._change(key, body, 1)
        self.histories.setdefault(key, []).append(body)

    def delete(self, key: Key) -> None:
        self._change(key, None, 1)
        self.histories[key].append(None)

    def settle(self, key: Key) -> None:
        metadata = (self.get(key) or {'metadata': {}})['metadata']
        if metadata.get('deletionTimestamp') and not metadata.get('finalizers'):
            self.delete(key)

    def forget(self, key: Key) -> None:
        if self.get(key) is not None:
            self._change(key, None, 1)
        self.histories.pop(key, None)

    def replace(self, key: Key, states: list[JSON | None]) -> None:
        if not states:
            self.forget(key)
            return
        is_deleted = states[-1] is None and self.get(key) is not None
        self._change(key, states[-1], sum(state is not None for state in states) + is_deleted)
        self.histories[key] = list(states)

    def _change(self, key: Key, after: JSON | None, steps: int) -> None:
        before = self.get(key)
        self.revision += steps
        if before is None and after is None:
            return
        self.changes.append(Change(self.revision, key, before, after))

    def within(self, scope: Scope) -> dict[Key, JSON]:
        found = {key: self.get(key) for key in self.histories}
        return {key: body for key, body in found.items() if body is not None and scope.has(key, body)}

    def since(self, revision: int, scope: Scope) -> list[Line]:
        return [line for change in self.changes if change.revision > revision for line in change.shown_in(scope)]


class Watching(Reader):
    """A watch of a client, from a revision on; it has shown so many objects before."""

    def __init__(self, scope: Scope, stream: BodyStream, initial: int, revision: int) -> None:
        super().__init__(stream)
        self.scope = scope
        self.initial = initial
        self.revision = revision


def check(events: list[Line], initial: list[JSON], then: list[Line], selected: dict[Key, JSON]) -> None:
    """Check what a watch has shown: the present objects, then the changes; and what its client knows by it."""
    count = len(initial)
    assert all(type == 'ADDED' for type, _ in events[:count])
    assert sorted(map(json.dumps, initial)) == sorted(json.dumps(body) for _, body in events[:count])
    assert events[count:] == then
    known: dict[str, JSON] = {}
    for type, body in events:
        if type == 'DELETED':
            del known[body['key']]
        else:
            assert (body['key'] in known) == (type == 'MODIFIED')
            known[body['key']] = body
    assert known == {body['key']: body for body in selected.values()}


# ---- What is sent ----

keys = st.sampled_from(KEYS)
namespaces = st.sampled_from([None, 'ns1', 'ns2'])
selectors = st.sampled_from(SELECTORS)
scopes = st.builds(Scope, st.just('pods'), namespaces, selectors) | st.just(Scope('nodes', None, ALL))
labels: st.SearchStrategy[JSON] = st.dictionaries(st.sampled_from(['app', 'tier']), st.sampled_from(['x', 'y']))
finalizers: st.SearchStrategy[list[str]] = st.sampled_from([[], ['f'], ['f', 'g']])
metadatas: st.SearchStrategy[JSON] = st.fixed_dictionaries(
    {}, optional={'labels': labels, 'finalizers': finalizers, 'deletionTimestamp': st.just('2000-01-01T00:00:00Z')}
)
contents: st.SearchStrategy[JSON] = st.fixed_dictionaries({'metadata': metadatas}, optional={'x': st.integers(0, 2)})
merge_patches: st.SearchStrategy[JSON] = st.fixed_dictionaries(
    {},
    optional={
        'x': st.none() | st.integers(0, 2),
        'metadata': st.fixed_dictionaries(
            {},
            optional={
                'labels': st.none() | st.dictionaries(st.sampled_from(['app', 'tier']), st.none() | st.just('x')),
                'finalizers': st.none() | finalizers,
            },
        ),
    },
)
json_patches: st.SearchStrategy[Operations] = st.sampled_from(
    [
        ([{'op': 'add', 'path': '/x', 'value': 1}], {'x': 1}, False),
        ([{'op': 'add', 'path': '/x', 'value': 2}, {'op': 'test', 'path': '/x', 'value': 1}], {}, True),
        ([{'op': 'add', 'path': '/metadata/labels', 'value': {'app': 'x'}}], {'metadata': {'labels': ...}}, False),
        ([{'op': 'add', 'path': '/metadata/finalizers', 'value': []}], {'metadata': {'finalizers': []}}, False),
        ([{'op': 'remove', 'path': '/nowhere'}], {}, True),
    ]
)


def body_of(key: Key, content: JSON) -> JSON:
    metadata = {'name': key.name, **content['metadata']}
    return {**content, 'metadata': metadata, 'key': '/'.join(map(str, key))}


def merge(target: JSON, patch: JSON) -> JSON:
    """RFC 7386, in its own words."""
    merged = dict(target)
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict):
            known: Any = merged.get(name)
            merged[name] = merge(cast('JSON', known) if isinstance(known, dict) else {}, cast('JSON', value))
        else:
            merged[name] = value
    return merged


async def drain(stream: BodyStream) -> list[bytes]:
    return [line async for line in stream]


class EmulatorMachine(RuleBasedStateMachine):
    """Random changes over HTTP and in Python, lists, and watches that begin at random moments."""

    rest_from: ClassVar[float] = float('inf')
    """Whether hubs rest after each telling, as with very many watches; those that don't tell all at once."""

    def __init__(self) -> None:
        super().__init__()
        self._rest_from, streams.REST_FROM = streams.REST_FROM, self.rest_from
        self.runner = asyncio.Runner(loop_factory=FakeTimeLoop)
        self.mock = kmock.KubernetesEmulator()
        self.runner.run(self.mock.__aenter__())
        self.mock.resources['v1/pods'] = self.mock.resources['v1/nodes'] = {}
        self.mock.checkpoint()
        self.model = Model()
        self.lasting: dict[Key, list[JSON | None]] = {}
        self.watches: list[tuple[Watching, list[JSON]]] = []
        self.paged: list[tuple[int, Scope, int, dict[Key, JSON], JSON]] = []

    def teardown(self) -> None:
        try:
            self.read_pages()
            self.resume_from_anywhere()
            self.end_all()
            assert self.mock.errors == []
        finally:
            streams.REST_FROM = self._rest_from
            self.runner.run(self.mock.__aexit__(None, None, None))
            self.runner.close()

    # ---- Calls ----

    def serve(self, method: str, target: str, body: Any = None, content_type: str = 'application/json') -> Answer:
        raw = b'' if body is None else encode(body)  # as objects of Python are stored: they are compared by it
        headers = ((b'Content-Type', content_type.encode()),) if raw else ()

        def serve() -> Answer | Awaitable[Answer]:
            return self.mock.serve(method, target, headers, raw, ('http', 'localhost', None, '1.1'))

        async def serve_in_loop(answer: Awaitable[Answer] | None = None) -> Answer:
            answered = serve() if answer is None else answer
            return answered if isinstance(answered, Answer) else await answered

        if 'watch=true' in target:
            return self.runner.run(serve_in_loop())
        answer = serve()
        return answer if isinstance(answer, Answer) else self.runner.run(serve_in_loop(answer))

    def call(
        self, method: str, target: str, body: Any = None, content_type: str = 'application/json'
    ) -> tuple[int, Any]:
        answer = self.serve(method, target, body, content_type)
        assert isinstance(answer.body, bytes)
        return answer.status, json.loads(answer.body)

    def stored(self, key: Key) -> Any:
        return self.mock.objects[f'v1/{key.plural}', key.namespace, key.name]

    @initialize(filled=st.lists(contents, min_size=2, max_size=len(KEYS)))
    def fill(self, filled: list[JSON]) -> None:
        for key, content in zip(KEYS, filled, strict=False):
            self.assign(key, content)

    # ---- Changes over HTTP ----

    @rule(key=keys, content=contents, at_once=st.booleans())
    def create(self, key: Key, content: JSON, at_once: bool) -> None:
        body = body_of(key, content)
        url = key.collection
        if not at_once and key.namespace is not None:
            body['metadata']['namespace'] = key.namespace
            url = url_of(key.plural, None)
        status, answer = self.call('POST', url, body)
        if self.model.get(key) is not None:
            assert (status, answer['reason']) == (409, 'Object Already Exists')
            return
        assert (status, answer) == (200, body)
        self.model.put(key, body)
        self.model.settle(key)

    def change(self, key: Key, answered: tuple[int, Any], expected: Callable[[JSON], JSON | None]) -> None:
        """An object was changed, if it is there; None is expected where that fails."""
        status, answer = answered
        before = self.model.get(key)
        if before is None:
            assert (status, answer['reason']) == (404, 'Object Not Found')
            return
        body = expected(deepcopy(before))
        if body is None:
            assert (status, answer['reason']) == (422, 'Invalid')
            return
        assert (status, answer) == (200, body)
        self.model.put(key, body)
        self.model.settle(key)

    @rule(key=keys, content=contents)
    def replace(self, key: Key, content: JSON) -> None:
        body = body_of(key, content)
        self.change(key, self.call('PUT', key.url, body), lambda before: body)

    @rule(key=keys, patch=merge_patches)
    def merge_patch(self, key: Key, patch: JSON) -> None:
        answered = self.call('PATCH', key.url, patch, 'application/merge-patch+json')
        self.change(key, answered, lambda before: merge(before, patch))

    @rule(key=keys, patch=json_patches)
    def json_patch(self, key: Key, patch: Operations) -> None:
        operations, changes, fails = patch

        def expected(before: JSON) -> JSON | None:
            if fails:
                return None
            if changes.get('metadata', {}).get('labels') is ...:
                before['metadata']['labels'] = {'app': 'x'}
                return before
            return merge(before, changes)

        self.change(key, self.call('PATCH', key.url, operations, 'application/json-patch+json'), expected)

    @rule(key=keys)
    def remove_finalizers(self, key: Key) -> None:
        self.merge_patch(key, {'metadata': {'finalizers': None}})

    @rule(key=keys)
    def delete(self, key: Key) -> None:
        status, answer = self.call('DELETE', key.url)
        if self.model.get(key) is None:
            assert (status, answer['reason']) == (404, 'Object Not Found')
            return
        assert status == 200
        self.deleted(key, answer)

    def deleted(self, key: Key, answer: JSON) -> None:
        before = cast('JSON', self.model.get(key))
        metadata = before['metadata']
        if not metadata.get('finalizers'):
            assert answer == before
            self.model.delete(key)
        elif metadata.get('deletionTimestamp'):
            assert answer == before
        else:
            marked = {**metadata, 'deletionTimestamp': answer['metadata']['deletionTimestamp']}
            assert answer == {**before, 'metadata': marked}
            self.model.put(key, answer)

    @rule(scope=scopes)
    def delete_collection(self, scope: Scope) -> None:
        status, answer = self.call('DELETE', scope.url)
        assert status == 200
        expected = self.model.within(scope)
        by_key = {'/'.join(map(str, key)): key for key in expected}
        assert {item['key'] for item in answer['items']} == set(by_key)
        assert len(answer['items']) == len(by_key)
        for item in answer['items']:
            self.deleted(by_key[item['key']], item)
        assert answer['metadata']['resourceVersion'] == str(self.model.revision)

    # ---- Changes in Python ----

    @rule(key=keys, content=contents)
    def assign(self, key: Key, content: JSON) -> None:
        body = body_of(key, content)
        self.mock.objects[f'v1/{key.plural}', key.namespace, key.name] = body
        self.model.put(key, body)

    @rule(key=keys, states=st.lists(st.none() | contents, max_size=3), again=st.booleans())
    def assign_history(self, key: Key, states: list[JSON | None], again: bool) -> None:
        before, count = self.model.get(key), len(self.model.changes)
        bodies = [None if state is None else body_of(key, state) for state in states]
        if again:
            bodies.append(before)
        self.mock.objects[f'v1/{key.plural}', key.namespace, key.name] = bodies
        self.model.replace(key, bodies)
        if bodies and before is not None and json.dumps(before) == json.dumps(bodies[-1]):
            del self.model.changes[count:]  # it is what it was

    @precondition(lambda self: self.model.histories)
    @rule(data=st.data())
    def forget(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(list(self.model.histories)))
        del self.mock.objects[f'v1/{key.plural}', key.namespace, key.name]
        self.model.forget(key)

    @rule(key=keys, patch=merge_patches, way=st.sampled_from(['patch', 'write', 'delete', 'create']))
    def change_in_python(self, key: Key, patch: JSON, way: str) -> None:
        before = self.model.get(key)
        if way == 'create' and before is None:
            self.stored(key).create(body_of(key, {'metadata': {}}))
            self.model.put(key, body_of(key, {'metadata': {}}))
        elif way == 'patch' and before is not None:
            self.stored(key).patch(patch)
            self.model.put(key, merge(before, patch))
        elif way == 'write' and before is not None:
            self.stored(key)['metadata']['labels'] = {'tier': 'x'}
            self.model.put(key, {**before, 'metadata': {**before['metadata'], 'labels': {'tier': 'x'}}})
        elif way == 'delete' and before is not None:
            self.stored(key).delete()
            self.model.delete(key)

    @rule(namespace=st.sampled_from(['ns1', 'ns2', ...]))
    def clear(self, namespace: Any) -> None:
        listed = [Key('pods', key.namespace, key.name) for key in self.mock.objects['v1/pods', namespace]]
        self.mock.objects['v1/pods', namespace].clear()
        meant = [key for key in self.model.histories if key.plural == 'pods' and namespace in (key.namespace, ...)]
        assert set(listed) == {key for key in meant if self.model.get(key) is not None}
        for key in [*listed, *meant]:  # in the order of the list
            self.model.forget(key)

    # ---- Lists ----

    @rule(scope=scopes)
    def list_all(self, scope: Scope) -> None:
        status, answer = self.call('GET', scope.url)
        assert status == 200
        assert answer['metadata'] == {'resourceVersion': str(self.model.revision)}
        self.check_items(answer['items'], self.model.within(scope))

    def check_items(self, items: list[JSON], expected: dict[Key, JSON]) -> None:
        assert {item['key']: item for item in items} == {body['key']: body for body in expected.values()}
        assert len(items) == len(expected)

    @rule(scope=scopes | st.just(Scope('pods', None, ALL)), limit=st.integers(1, 2))
    def begin_pages(self, scope: Scope, limit: int) -> None:
        answer = self.call('GET', f'{scope.url}&limit={limit}')[1]
        self.paged.append((self.model.revision, scope, limit, self.model.within(scope), answer))

    @rule()
    def read_pages(self) -> None:
        for paged in self.paged:
            self.read_all_pages(*paged)

    def read_all_pages(self, revision: int, scope: Scope, limit: int, expected: dict[Key, JSON], answer: JSON) -> None:
        """Whatever has happened since the first of them, and if they were read before."""
        items = list(answer['items'])
        while token := answer['metadata'].get('continue'):
            assert len(answer['items']) == limit
            status, answer = self.call('GET', f'{scope.url}&limit={limit}&continue={token}')
            if revision < self.model.floor and status == 410:
                return  # a reset came in between
            assert status == 200
            items += answer['items']
            assert answer['metadata']['resourceVersion'] == str(revision)
        self.check_items(items, expected)

    # ---- Watches ----

    @rule(scope=scopes, is_slow=st.booleans())
    def watch(self, scope: Scope, is_slow: bool) -> None:
        self.begin(scope, '', is_slow)

    @rule(scope=scopes, is_slow=st.booleans(), ago=st.integers(0, 8))
    def resume(self, scope: Scope, is_slow: bool, ago: int) -> None:
        revision = max(1, self.model.revision - ago)
        self.begin(scope, f'&resourceVersion={revision}', is_slow, revision)

    def begin(self, scope: Scope, query: str, is_slow: bool, revision: int | None = None) -> None:
        answer = self.serve('GET', f'{scope.url}&watch=true{query}')
        assert answer.status == 200
        if revision is not None and revision < self.model.floor:
            [line] = self.runner.run(drain(cast('BodyStream', answer.body)))
            error = json.loads(line)
            assert (error['type'], error['object']['reason']) == ('ERROR', 'Expired')
            return
        initial = list(self.model.within(scope).values()) if revision is None else []
        begun = self.model.revision if revision is None else revision
        watching = Watching(scope, cast('BodyStream', answer.body), len(initial), begun)
        known = self.model.within(scope) if revision is None else self.within_at(scope, revision)
        self.watches.append((watching, list(known.values())))
        if not is_slow:
            self.runner.run(watching.read())

    def within_at(self, scope: Scope, revision: int) -> dict[Key, JSON]:
        """What was there at a revision, told backwards."""
        known = {key: self.model.get(key) for key in self.model.histories}
        for change in reversed(self.model.changes):
            if change.revision > revision:
                known[change.key] = change.before
        return {key: body for key, body in known.items() if body is not None and scope.has(key, body)}

    @precondition(lambda self: self.watches)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        number = data.draw(st.integers(0, len(self.watches) - 1))
        self.runner.run(self.watches.pop(number)[0].leave())

    def check_watch(self, watching: Watching, known: list[JSON]) -> None:
        events = watching.events()
        if not watching.initial:  # it goes on from a list
            events = [*[('ADDED', body) for body in known], *events]
        then = self.model.since(watching.revision, watching.scope)
        check(events, known, then, self.model.within(watching.scope))

    def end_all(self) -> None:
        """End all watches, and see what they have shown until then."""
        model, late = self.model, Key('pods', 'ns1', 'late')
        self.mock.reset()
        self.mock.objects['v1/pods', 'ns1', 'late'] = body_of(late, {'metadata': {}})  # nothing of which they show
        watches, self.watches = self.watches, []
        for watching, known in watches:
            self.runner.run(watching.rest())
            self.check_watch(watching, known)
        model.revision += 1
        model.floor = model.revision
        model.histories = deepcopy(self.lasting)
        model.put(late, body_of(late, {'metadata': {}}))
        del self.mock.objects['v1/pods', 'ns1', 'late']
        model.forget(late)

    def resume_from_anywhere(self) -> None:
        """A watch of any revision shows the same as one that was there all the time, but for what came before."""
        for scope in (Scope('pods', None, ALL), Scope('pods', 'ns1', SELECTORS[1])):
            for revision in range(max(1, self.model.floor), self.model.revision + 1, 3):
                self.begin(scope, f'&resourceVersion={revision}', True, revision)

    # ---- All of it ----

    @precondition(lambda self: self.model.revision > 10)
    @rule()
    def compact(self) -> None:
        self.mock.objects.store.compact()
        self.model.floor = self.model.revision

    @rule()
    def checkpoint(self) -> None:
        self.mock.checkpoint()
        self.lasting = deepcopy(self.model.histories)

    @precondition(lambda self: self.model.revision > 10)
    @rule()
    def reset(self) -> None:
        self.end_all()
        assert self.mock.errors == []

    @invariant()
    def objects_and_histories_are_equal(self) -> None:
        for key in KEYS:
            history = self.mock.objects[f'v1/{key.plural}', key.namespace, key.name].history
            assert [None if one is None else one.raw for one in history] == self.model.histories.get(key, [])
        assert {(key.resource.plural, key.namespace, key.name) for key in self.mock.objects} == {
            key for key in KEYS if self.model.get(key) is not None
        }
        assert self.mock.objects.store.revision == self.model.revision

    @invariant()
    def watches_have_shown_all_that_happened(self) -> None:
        self.runner.run(asyncio.sleep(0))
        for watching, known in self.watches:
            if not watching.is_slow:
                self.check_watch(watching, known)


TestEmulator = EmulatorMachine.TestCase
TestEmulator.settings = settings(max_examples=100, stateful_step_count=40, report_multiple_bugs=False)


class RestingMachine(EmulatorMachine):
    """The same, with hubs that tell what has happened in pieces: watches begin and end while some is not told yet."""

    rest_from = -1.0

    def watches_have_shown_all_that_happened(self) -> None:
        """Not always: they are late, until they are ended, or have had the time for it."""

    @rule()
    def wake(self) -> None:
        self.runner.run(asyncio.sleep(1))
        super().watches_have_shown_all_that_happened()


TestRestingEmulator = RestingMachine.TestCase
TestRestingEmulator.settings = settings(max_examples=100, stateful_step_count=40, report_multiple_bugs=False)
