"""The cluster against plain dictionaries: whatever is done in whatever order, it answers, keeps and tells the same."""

import asyncio
import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any, NamedTuple, TypeAlias, cast
from urllib.parse import quote

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import kmock
from kmock_core.values.responses import Answer, BodyStream
from readers import Line, Reader

JSON: TypeAlias = dict[str, Any]

NOW = 2**40
"""A revision after all that there can be."""


# ---- What there is ----


class Kind(NamedTuple):
    """A kind of objects, and where the number ``x`` stands in them, which tells the states of an object apart."""

    plural: str
    name: str
    api_version: str
    namespaced: bool = True
    generations: bool = True
    conditional: bool = False
    status: str = ''
    builtin: bool = True

    def __repr__(self) -> str:
        return self.plural.upper()

    def url(self, version: str = '') -> str:
        group, _, known = self.api_version.rpartition('/')
        return f'/apis/{group}/{version or known}' if group else f'/api/{known}'

    def fields(self, x: int) -> JSON:
        """The part of an object that has the number in it."""
        match self.plural:
            case 'configmaps':
                return {'data': {'x': str(x)}}
            case 'poddisruptionbudgets':
                return {'spec': {'minAvailable': x}}
            case 'widgets':
                return {'spec': {'x': x}}
            case _:
                return {'metadata': {'annotations': {'x': str(x)}}}

    def x_of(self, body: JSON) -> int:
        return next(x for x in range(3) if is_part(self.fields(x), body))

    @property
    def counts_x(self) -> bool:
        """Whether a change of the number is one of what is desired."""
        return self.generations and 'spec' in self.fields(0)


def is_part(part: Any, whole: Any) -> bool:
    if isinstance(part, dict) and isinstance(whole, dict):
        fields, known = cast('JSON', part), cast('JSON', whole)
        return all(name in known and is_part(value, known[name]) for name, value in fields.items())
    return bool(part == whole)


CONFIGMAPS = Kind('configmaps', 'ConfigMap', 'v1', generations=False)
NODES = Kind('nodes', 'Node', 'v1', namespaced=False, generations=False)
PODS = Kind('pods', 'Pod', 'v1')
BUDGETS = Kind(
    'poddisruptionbudgets', 'PodDisruptionBudget', 'policy/v1', conditional=True, status='disruptionsAllowed'
)
WIDGETS = Kind('widgets', 'Widget', 'example.com/v1', conditional=True, status='ready', builtin=False)
KINDS = [CONFIGMAPS, NODES, PODS, BUDGETS, WIDGETS]

FREE: JSON = {'type': 'object', 'x-kubernetes-preserve-unknown-fields': True}
SCHEMA: JSON = {'openAPIV3Schema': {'type': 'object', 'properties': {'spec': FREE, 'status': FREE}}}
DEFINITION: JSON = {
    'metadata': {'name': 'widgets.example.com'},
    'spec': {
        'group': 'example.com',
        'names': {'plural': 'widgets', 'singular': 'widget', 'kind': 'Widget', 'listKind': 'WidgetList'},
        'scope': 'Namespaced',
        'versions': [
            {'name': name, 'served': True, 'storage': name == 'v1', 'schema': SCHEMA, 'subresources': {'status': {}}}
            for name in ('v1', 'v2')
        ],
    },
}


class Key(NamedTuple):
    kind: Kind
    namespace: str | None
    name: str

    def url(self, version: str = '', part: str = '') -> str:
        return f'{self.collection(version)}/{self.name}{part}'

    def collection(self, version: str = '') -> str:
        return url_of(self.kind, self.namespace, version)

    @property
    def place(self) -> tuple[str, str | None, str]:
        """Where it is in ``kmock.objects``."""
        return f'{self.kind.api_version}/{self.kind.plural}', self.namespace, self.name

    @property
    def identity(self) -> tuple[str | None, str]:
        return self.namespace, self.name


def url_of(kind: Kind, namespace: str | None, version: str = '') -> str:
    within = '' if namespace is None else f'/namespaces/{namespace}'
    return f'{kind.url(version)}{within}/{kind.plural}'


KEYS = [
    Key(CONFIGMAPS, 'ns1', 'a'),
    Key(CONFIGMAPS, 'ns1', 'b'),
    Key(CONFIGMAPS, 'default', 'a'),
    Key(NODES, None, 'a'),
    Key(PODS, 'ns1', 'b'),
    Key(PODS, 'default', 'b'),
    Key(BUDGETS, 'ns1', 'a'),
    Key(WIDGETS, 'ns1', 'a'),
    Key(WIDGETS, 'default', 'b'),
]
MADE_IN_PYTHON = [key for key in KEYS if key.kind in (CONFIGMAPS, WIDGETS)]


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


def has_name_a(key: Key, body: JSON) -> bool:
    return key.name == 'a'


def has_app_and_no_name_a(key: Key, body: JSON) -> bool:
    return key.name != 'a' and 'app' in labels_of(body)


ALL = Selector('', has_any)
SELECTORS = [
    ALL,
    Selector('labelSelector=app=x', has_app_x),
    Selector('labelSelector=app!=x,tier', has_tier_but_not_app_x),
    Selector('labelSelector=!app', has_no_app),
    Selector('fieldSelector=metadata.name=a', has_name_a),
    Selector('fieldSelector=metadata.name!=a&labelSelector=app', has_app_and_no_name_a),
]


class Scope(NamedTuple):
    """What a list, a watch or a deletion is about, in one of the versions of the kind."""

    kind: Kind
    namespace: str | None
    selector: Selector
    version: str = ''

    def url(self, query: str = '') -> str:
        asked = '&'.join(filter(None, (quote(self.selector.query, safe='=&'), query)))
        return f'{url_of(self.kind, self.namespace, self.version)}?{asked}'

    def has(self, key: Key, body: JSON | None) -> bool:
        return (
            body is not None
            and key.kind == self.kind
            and self.namespace in (None, key.namespace)
            and self.selector.matches(key, body)
        )

    def show(self, body: JSON) -> JSON:
        return in_version(body, self.version)


def merge(body: JSON, more: JSON) -> JSON:
    metadata = {**body.get('metadata', {}), **more.get('metadata', {})}
    return {**body, **more, 'metadata': metadata} if metadata else {**body, **more}


def in_version(body: JSON, version: str) -> JSON:
    group = body['apiVersion'].rpartition('/')[0]
    return {**body, 'apiVersion': f'{group}/{version}'} if group and version else body


# ---- The model ----


class Wanted(NamedTuple):
    """What a client can want of an object."""

    labels: JSON
    finalizers: list[str]
    x: int

    @classmethod
    def of(cls, key: Key, body: JSON) -> 'Wanted':
        return cls(dict(labels_of(body)), body['metadata'].get('finalizers') or [], key.kind.x_of(body))

    def body(self, key: Key, version: str = '') -> JSON:
        kind = key.kind
        metadata: JSON = {'name': key.name}
        if self.labels:
            metadata['labels'] = self.labels
        if self.finalizers:
            metadata['finalizers'] = self.finalizers
        typed = {'kind': kind.name, 'apiVersion': kind.api_version, 'metadata': metadata}
        if kind == PODS:
            typed['spec'] = {'containers': [{'name': 'main', 'image': 'nginx'}]}
        return in_version(merge(typed, kind.fields(self.x)), version)


class Change(NamedTuple):
    """One change of one object, as the model sees it."""

    revision: int
    key: Key
    before: JSON | None
    after: JSON | None

    def shown_in(self, scope: Scope) -> list[Line]:
        was, is_ = scope.has(self.key, self.before), scope.has(self.key, self.after)
        if is_:
            return [('MODIFIED' if was else 'ADDED', scope.show(cast('JSON', self.after)))]
        return [('DELETED', scope.show(at(self.revision, cast('JSON', self.before))))] if was else []


def at(revision: int, body: JSON) -> JSON:
    return {**body, 'metadata': {**body['metadata'], 'resourceVersion': str(revision)}}


class Model:
    """Plain dictionaries, and a list of what has happened."""

    def __init__(self, revision: int) -> None:
        self.revision = self.floor = revision
        self.histories: dict[Key, list[JSON | None]] = {}
        self.changes: list[Change] = []

    def get(self, key: Key) -> JSON | None:
        return self.histories[key][-1] if key in self.histories else None

    def put(self, key: Key, body: JSON) -> None:
        self._change(key, body)
        self.histories.setdefault(key, []).append(body)

    def delete(self, key: Key) -> None:
        self._change(key, None)
        self.histories[key].append(None)

    def forget(self, key: Key) -> None:
        if self.get(key) is not None:
            self._change(key, None)
        self.histories.pop(key, None)

    def replace(self, key: Key, states: list[JSON | None]) -> None:
        if not states:
            self.forget(key)
            return
        is_deleted = states[-1] is None and self.get(key) is not None
        self._change(key, states[-1], sum(state is not None for state in states) + is_deleted)
        self.histories[key] = states

    def _change(self, key: Key, after: JSON | None, steps: int = 1) -> None:
        self.revision += steps
        if self.get(key) is None and after is None:
            return
        self.changes.append(Change(self.revision, key, self.get(key), after))

    def within(self, scope: Scope, revision: int = NOW) -> dict[Key, JSON]:
        """What was there at a revision, told backwards; in the order of lists."""
        known = {key: self.get(key) for key in self.histories}
        for change in reversed(self.changes):
            if change.revision > revision:
                known[change.key] = change.before
        found = {key: body for key, body in known.items() if body is not None and scope.has(key, body)}
        return {key: found[key] for key in sorted(found, key=lambda key: f'{key.namespace or ""}/{key.name}')}

    def since(self, revision: int, scope: Scope) -> list[Line]:
        return [line for change in self.changes if change.revision > revision for line in change.shown_in(scope)]


# ---- Watches ----


INITIAL = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'
RESUME = 'resourceVersion='


class Watching(Reader):
    """A watch of a client, which has begun at a revision."""

    def __init__(self, scope: Scope, stream: BodyStream, known: dict[Key, JSON], begun: int, way: str) -> None:
        super().__init__(stream)
        self.scope = scope
        self.begun = begun
        self._known = known
        self._way = way

    def check(self, model: Model) -> None:
        """It has shown what was there, if it was to; then each change; and so its client knows what there is."""
        events, show = self.events(), self.scope.show
        present: list[Line] = [('ADDED', show(body)) for body in self._known.values()]
        if self._way == INITIAL:
            bookmark = events.pop(len(present))
            annotations = {'k8s.io/initial-events-end': 'true'}
            kind = show({'kind': self.scope.kind.name, 'apiVersion': self.scope.kind.api_version})
            metadata = {'resourceVersion': str(self.begun), 'annotations': annotations}
            assert bookmark == ('BOOKMARK', {**kind, 'metadata': metadata})
        elif self._way == RESUME:
            events = [*present, *events]
        assert events == [*present, *model.since(self.begun, self.scope)]
        known: dict[Any, JSON] = {}
        for type, body in events:
            place = (body['metadata'].get('namespace'), body['metadata']['name'])
            assert (place in known) == (type != 'ADDED')
            known[place] = body
            if type == 'DELETED':
                del known[place]
        assert known == {key.identity: show(body) for key, body in model.within(self.scope).items()}


# ---- What is sent ----

keys = st.sampled_from(KEYS)
keys_of_statuses = st.sampled_from([key for key in KEYS if key.kind.status])
labels: st.SearchStrategy[JSON] = st.dictionaries(st.sampled_from(['app', 'tier']), st.sampled_from(['x', 'y']))
finalizers: st.SearchStrategy[list[str]] = st.sampled_from([[], [], ['a.b/f'], ['a.b/f', 'a.b/g']])
wishes = st.builds(Wanted, labels, finalizers, st.integers(0, 2))
kinds = st.sampled_from([CONFIGMAPS, WIDGETS, *KINDS])
selectors = st.sampled_from(SELECTORS)
versions = st.sampled_from(['same', 'same', 'none', 'stale'])


@st.composite
def scopes(draw: st.DrawFn) -> Scope:
    kind = draw(kinds)
    namespace = draw(st.sampled_from([None, 'ns1', 'default'])) if kind.namespaced else None
    return Scope(kind, namespace, draw(selectors), draw(st.sampled_from(['', 'v2'])) if kind == WIDGETS else '')


class Patch(NamedTuple):
    labels: JSON | None
    finalizers: list[str] | None
    x: int | None
    whole: bool

    def body(self, key: Key) -> JSON:
        metadata: JSON = {}
        if self.labels is not None or self.whole:
            metadata['labels'] = self.labels
        if self.finalizers is not None or self.whole:
            metadata['finalizers'] = self.finalizers
        return merge({'metadata': metadata}, {} if self.x is None else key.kind.fields(self.x))

    def change(self, known: Wanted) -> Wanted:
        changed = known
        if self.labels is not None:
            merged = {**known.labels, **self.labels}
            changed = changed._replace(labels={name: value for name, value in merged.items() if value is not None})
        elif self.whole:
            changed = changed._replace(labels={})
        if self.finalizers is not None or self.whole:
            changed = changed._replace(finalizers=self.finalizers or [])
        return changed if self.x is None else changed._replace(x=self.x)


patches = st.builds(
    Patch,
    st.none() | st.dictionaries(st.sampled_from(['app', 'tier']), st.sampled_from([None, 'x', 'y'])),
    st.none() | finalizers,
    st.none() | st.integers(0, 2),
    st.booleans(),
)


class ClusterMachine(RuleBasedStateMachine):
    """Random changes over HTTP and in Python, lists, and watches that begin at random moments."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.cluster = kmock.KubernetesCluster()
        self.runner.run(self.cluster.__aenter__())
        self.told: list[int] = []
        self.call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', DEFINITION)
        self.call('POST', '/api/v1/namespaces', {'metadata': {'name': 'ns1'}})
        self.cluster.checkpoint()
        self.cluster.compact()
        self.cluster.objects.store.subscribe(lambda event: self.told.append(event.revision))
        self.model = Model(self.cluster.objects.store.revision)
        self.lasting: dict[Key, list[JSON | None]] = {}
        self.snapshots: list[tuple[Any, dict[Key, list[JSON | None]]]] = []
        self.watches: list[Watching] = []
        self.paged: list[tuple[int, Scope, int, list[JSON], JSON]] = []

    def teardown(self) -> None:
        try:
            self.read_pages()
            self.resume_from_anywhere()
            self.end_all(self.cluster.reset, self.lasting)
            assert self.cluster.errors == []
        finally:
            self.runner.run(self.cluster.__aexit__(None, None, None))
            self.runner.close()

    # ---- Calls ----

    def serve(self, method: str, target: str, body: Any = None, content_type: str = 'application/json') -> Answer:
        raw = b'' if body is None else json.dumps(body).encode()
        headers = ((b'Content-Type', content_type.encode()), (b'User-Agent', b'tester/1')) if raw else ()

        async def serve() -> Answer:
            found = self.cluster.serve(method, target, headers, raw, ('http', 'localhost', None, '1.1'))
            return found if isinstance(found, Answer) else await found

        return self.runner.run(serve())

    def call(
        self, method: str, target: str, body: Any = None, content_type: str = 'application/json'
    ) -> tuple[int, Any]:
        answer = self.serve(method, target, body, content_type)
        assert isinstance(answer.body, bytes)
        return answer.status, json.loads(answer.body)

    @contextmanager
    def dry(self, is_dry: bool) -> Generator[str]:
        """A query; if it is a dry run, what the model gets to know in here does not last."""
        known = deepcopy(self.model.histories), [*self.model.changes], self.model.revision
        yield 'dryRun=All' if is_dry else ''
        if is_dry:
            self.model.histories, self.model.changes, self.model.revision = known

    @initialize(filled=st.lists(wishes, min_size=3, max_size=len(KEYS)))
    def fill(self, filled: list[Wanted]) -> None:
        for key, wanted in zip(KEYS, filled, strict=False):
            self.create(key, wanted, is_dry=False, version='')

    # ---- Changes over HTTP ----

    @rule(key=keys, wanted=wishes, is_dry=st.booleans(), version=st.sampled_from(['', 'v2']))
    def create(self, key: Key, wanted: Wanted, is_dry: bool, version: str) -> None:
        version = version if key.kind == WIDGETS else ''
        with self.dry(is_dry) as query:
            status, answer = self.call('POST', f'{key.collection(version)}?{query}', wanted.body(key, version))
            known = self.model.get(key)
            if known is not None:
                assert (status, answer['reason']) == (409, 'AlreadyExists')
                assert answer['message'].startswith('object is being') == ('deletionTimestamp' in known['metadata'])
                return
            assert status == 201
            body = in_version(answer, key.kind.api_version.rpartition('/')[2])
            assert answer == in_version(body, version)
            metadata = body['metadata']
            assert (metadata['name'], metadata.get('namespace')) == (key.name, key.namespace)
            assert metadata.get('generation') == (1 if key.kind.generations else None)
            assert metadata.get('resourceVersion') == (None if is_dry else str(self.model.revision + 1))
            assert metadata['uid'] not in {
                state['metadata']['uid'] for history in self.model.histories.values() for state in history if state
            }
            assert Wanted.of(key, body) == wanted
            self.model.put(key, body)

    def change(
        self, key: Key, answered: tuple[int, Any], wanted: Wanted, status: int | None = None, *, is_dry: bool = False
    ) -> None:
        """An object that is there was to be changed into something, or its status was."""
        code, answer = answered
        before = cast('JSON', self.model.get(key))
        metadata, known = before['metadata'], Wanted.of(key, before)
        leaving = 'deletionTimestamp' in metadata
        if leaving and set(wanted.finalizers) - set(known.finalizers):
            assert (code, answer['reason']) == (422, 'Invalid')
            assert 'no new finalizers can be added' in answer['message']
            return
        assert code == 200, answer
        answer = in_version(answer, key.kind.api_version.rpartition('/')[2])
        statuses: JSON = before.get('status') or {}
        is_same = wanted == known if status is None else status == statuses.get(key.kind.status)
        if is_same:
            assert answer == before
            return
        expected = {**metadata, 'resourceVersion': str(self.model.revision + 1)}
        if key.kind.counts_x and wanted.x != known.x:
            expected['generation'] = metadata.get('generation', 0) + 1
        owners = answer['metadata'].get('managedFields')
        expected.update(labels=wanted.labels, finalizers=wanted.finalizers, managedFields=owners)
        expected = {**expected, **key.kind.fields(wanted.x).get('metadata', {})}
        is_gone = leaving and not wanted.finalizers
        if is_gone or is_dry:
            expected['resourceVersion'] = answer['metadata']['resourceVersion']
        assert answer['metadata'] == {name: value for name, value in expected.items() if value not in (None, {}, [])}
        assert Wanted.of(key, answer) == wanted
        if status is None:
            assert answer.get('status') == before.get('status')
        else:
            assert answer['status'][key.kind.status] == status
            assert {**answer, 'status': None, 'metadata': None} == {**before, 'status': None, 'metadata': None}
        if is_gone:
            self.model.delete(key)
        else:
            self.model.put(key, answer)

    def is_absent(self, key: Key, answered: tuple[int, Any]) -> bool:
        if self.model.get(key) is None:
            status, answer = answered
            assert (status, answer['reason'], answer['details']['name']) == (404, 'NotFound', key.name)
            return True
        return False

    def is_refused(self, key: Key, answered: tuple[int, Any], version: str) -> bool:
        """Tell if a write was refused because of the version that it had in it."""
        if version == 'stale':
            assert (answered[0], answered[1]['reason']) == (409, 'Conflict')
            return True
        if version == 'none' and key.kind.conditional:
            assert (answered[0], answered[1]['details']['causes'][0]['field']) == (422, 'metadata.resourceVersion')
            return True
        return False

    def add_version(self, key: Key, body: JSON, version: str) -> None:
        """Let what is sent be of the latest state, or of another one, or of none."""
        known = (self.model.get(key) or {'metadata': {'resourceVersion': '7'}})['metadata']['resourceVersion']
        if version != 'none':
            body.setdefault('metadata', {})['resourceVersion'] = known if version == 'same' else str(int(known) - 1)

    @rule(key=keys, wanted=wishes, version=versions, is_dry=st.booleans(), api=st.sampled_from(['', 'v2']))
    def replace(self, key: Key, wanted: Wanted, version: str, is_dry: bool, api: str) -> None:
        api = api if key.kind == WIDGETS else ''
        body = wanted.body(key, api)
        self.add_version(key, body, version)
        with self.dry(is_dry) as query:
            answered = self.call('PUT', f'{key.url(api)}?{query}', body)
            if not self.is_absent(key, answered) and not self.is_refused(key, answered, version):
                self.change(key, answered, wanted, is_dry=is_dry)

    @rule(key=keys, version=versions)
    def replace_by_the_same(self, key: Key, version: str) -> None:
        known = self.model.get(key)
        self.replace(key, Wanted({}, [], 0) if known is None else Wanted.of(key, known), version, False, '')

    @rule(key=keys)
    def replace_by_what_was_read(self, key: Key) -> None:
        answered = self.call('PUT', key.url(), self.model.get(key) or Wanted({}, [], 0).body(key))
        if not self.is_absent(key, answered):
            assert answered == (200, self.model.get(key))

    @rule(
        key=keys,
        patch=patches,
        version=st.sampled_from(['none', 'none', 'same', 'stale']),
        is_dry=st.booleans(),
        api=st.sampled_from(['', 'v2']),
    )
    def merge_patch(self, key: Key, patch: Patch, version: str, is_dry: bool, api: str = '') -> None:
        api = api if key.kind == WIDGETS else ''
        body = patch.body(key)
        self.add_version(key, body, version)
        with self.dry(is_dry) as query:
            answered = self.call('PATCH', f'{key.url(api)}?{query}', body, 'application/merge-patch+json')
            if self.is_absent(key, answered):
                return
            if version == 'stale':
                assert (answered[0], answered[1]['reason']) == (409, 'Conflict')
                return
            wanted = patch.change(Wanted.of(key, cast('JSON', self.model.get(key))))
            self.change(key, answered, wanted, is_dry=is_dry)

    @rule(key=keys)
    def remove_finalizers(self, key: Key) -> None:
        self.merge_patch(key, Patch(None, [], None, whole=False), 'none', False)

    @rule(key=keys_of_statuses, status=st.integers(0, 2), by_patch=st.booleans(), x=st.integers(0, 2), version=versions)
    def write_status(self, key: Key, status: int, by_patch: bool, x: int, version: str) -> None:
        """What is said of the rest there does not count."""
        body = {'status': {key.kind.status: status}, **key.kind.fields(x)}
        url = key.url(part='/status')
        if by_patch:
            answered = self.call('PATCH', url, body, 'application/merge-patch+json')
            version = 'same'
        else:
            known = self.model.get(key)
            metadata = known['metadata'] if known else {'name': key.name}
            typed = {'kind': key.kind.name, 'apiVersion': key.kind.api_version}
            body = {
                **typed,
                **body,
                'metadata': {name: value for name, value in metadata.items() if name != 'resourceVersion'},
            }
            self.add_version(key, body, version)
            answered = self.call('PUT', url, body)
        if not self.is_absent(key, answered) and not self.is_refused(key, answered, version):
            before = cast('JSON', self.model.get(key))
            self.change(key, answered, Wanted.of(key, before), status)

    @rule(
        key=keys,
        is_dry=st.booleans(),
        uid=st.sampled_from([None, None, 'same', 'other']),
        version=st.sampled_from([None, None, 'same', 'stale']),
    )
    def delete(self, key: Key, is_dry: bool, uid: str | None, version: str | None) -> None:
        known = (self.model.get(key) or {'metadata': {'uid': 'u', 'resourceVersion': '7'}})['metadata']
        conditions: JSON = {}
        if uid is not None:
            conditions['uid'] = known['uid'] if uid == 'same' else 'other'
        if version is not None:
            conditions['resourceVersion'] = known['resourceVersion'] if version == 'same' else '8'
        with self.dry(is_dry) as query:
            body: JSON = {'kind': 'DeleteOptions', 'apiVersion': 'v1', 'preconditions': conditions}
            if is_dry:
                body['dryRun'] = ['All']
            answered = self.call('DELETE', f'{key.url()}?{query}', body if conditions or is_dry else None)
            if self.is_absent(key, answered):
                return
            status, answer = answered
            if uid == 'other' or version == 'stale':
                assert (status, answer['reason']) == (409, 'Conflict')
                return
            assert status == 200
            if known.get('finalizers') or key.kind == PODS:
                self.deleted(key, answer, is_dry=is_dry)
            else:
                assert (answer['kind'], answer['status'], answer['details']['uid']) == (
                    'Status',
                    'Success',
                    known['uid'],
                )
                self.deleted(key, None)

    def deleted(self, key: Key, answer: JSON | None, *, is_dry: bool = False) -> None:
        """An object is gone, or waits for its finalizers to go."""
        before = cast('JSON', self.model.get(key))
        metadata = before['metadata']
        if not metadata.get('finalizers') and key.kind != PODS:
            self.model.delete(key)
        elif 'deletionTimestamp' in metadata:
            assert answer in (None, before)
        else:
            marked = {**metadata, 'deletionGracePeriodSeconds': 0}
            if metadata.get('generation'):
                marked['generation'] = metadata['generation'] + 1
            if not is_dry:
                marked['resourceVersion'] = str(self.model.revision + 1)
            is_gone = key.kind == PODS and not metadata.get('finalizers')
            now = self.last_state(key) if answer is None or (is_gone and not is_dry) else answer
            marked['deletionTimestamp'] = now['metadata']['deletionTimestamp']
            assert now == {**before, 'metadata': marked}
            self.model.put(key, now)
            if is_gone:
                self.model.delete(key)
                assert answer is None or is_dry or answer == at(self.model.revision, now)

    def last_state(self, key: Key) -> JSON:
        """What it is, or what it was before it was gone."""
        return [state.raw for state in self.cluster.objects[key.place].history if state is not None][-1]

    @rule(scope=scopes(), is_dry=st.booleans())
    def delete_collection(self, scope: Scope, is_dry: bool) -> None:
        if scope.kind.namespaced and scope.namespace is None:
            scope = scope._replace(namespace='ns1')
        expected = self.model.within(scope)
        with self.dry(is_dry) as query:
            status, answer = self.call('DELETE', scope.url(query))
            assert status == 200
            assert [item['metadata']['name'] for item in answer['items']] == [key.name for key in expected]
            if not is_dry:
                for key in expected:
                    self.deleted(key, None)

    # ---- Changes in Python ----

    @rule(key=st.sampled_from(MADE_IN_PYTHON), wanted=wishes)
    def assign(self, key: Key, wanted: Wanted) -> None:
        known = self.model.get(key)
        self.cluster.objects[key.place] = wanted.body(key)
        body = self.cluster.objects[key.place].raw
        assert Wanted.of(key, body) == wanted
        assert body['metadata']['resourceVersion'] == str(self.model.revision + 1)
        assert known is None or body['metadata']['uid'] == known['metadata']['uid']
        self.model.put(key, body)

    @rule(key=st.sampled_from(MADE_IN_PYTHON), states=st.lists(st.none() | wishes, max_size=3))
    def assign_history(self, key: Key, states: list[Wanted | None]) -> None:
        before = self.model.get(key)
        self.cluster.objects[key.place] = [None if state is None else state.body(key) for state in states]
        history = [None if state is None else state.raw for state in self.cluster.objects[key.place].history]
        assert [None if body is None else Wanted.of(key, body) for body in history] == states
        for body in history:
            if body is not None and before is not None:
                assert body['metadata']['uid'] == before['metadata']['uid']
            before = body
        self.model.replace(key, history)

    @precondition(lambda self: self.model.histories)
    @rule(data=st.data(), way=st.sampled_from(['patch', 'delete', 'forget']))
    def change_in_python(self, data: st.DataObject, way: str) -> None:
        key = data.draw(st.sampled_from(list(self.model.histories)))
        before = self.model.get(key)
        if way == 'forget':
            del self.cluster.objects[key.place]
            self.model.forget(key)
        elif before is not None and way == 'delete':
            self.cluster.objects[key.place].delete()
            self.model.delete(key)
        elif before is not None:
            self.cluster.objects[key.place].patch({'metadata': {'labels': {'tier': 'x'}}})
            body = at(self.model.revision + 1, before)
            body['metadata']['labels'] = {**labels_of(before), 'tier': 'x'}
            self.model.put(key, body)

    # ---- Lists ----

    @rule(scope=scopes())
    def list_all(self, scope: Scope) -> None:
        status, answer = self.call('GET', scope.url())
        assert status == 200
        assert answer['metadata']['resourceVersion'] == str(self.model.revision)
        assert answer['items'] == self.items_of(scope)

    @rule(scope=scopes(), ago=st.integers(0, 8))
    def list_the_past(self, scope: Scope, ago: int) -> None:
        revision = self.model.revision - ago
        status, answer = self.call('GET', scope.url(f'resourceVersion={revision}&resourceVersionMatch=Exact'))
        if revision < self.model.floor:
            assert (status, answer['reason']) == (410, 'Expired')
            return
        assert (status, answer['metadata']['resourceVersion']) == (200, str(revision))
        assert answer['items'] == self.items_of(scope, revision)

    def items_of(self, scope: Scope, revision: int = NOW) -> list[JSON]:
        bodies = [scope.show(body) for body in self.model.within(scope, revision).values()]
        untyped = ('kind', 'apiVersion') if scope.kind.builtin else ()
        return [{name: value for name, value in body.items() if name not in untyped} for body in bodies]

    @rule(scope=scopes() | st.just(Scope(CONFIGMAPS, None, ALL)), limit=st.integers(1, 2), ago=st.integers(0, 3))
    def begin_pages(self, scope: Scope, limit: int, ago: int) -> None:
        revision = max(self.model.revision - ago, self.model.floor)
        past = f'&resourceVersion={revision}&resourceVersionMatch=Exact' if ago else ''
        answer = self.call('GET', scope.url(f'limit={limit}{past}'))[1]
        self.paged.append((revision, scope, limit, self.items_of(scope, revision), answer))

    @rule()
    def read_pages(self) -> None:
        for paged in self.paged:
            self.read_all_pages(*paged)

    def read_all_pages(self, revision: int, scope: Scope, limit: int, expected: list[JSON], answer: JSON) -> None:
        """Whatever has happened since the first of them, and if they were read before."""
        items = list(answer['items'])
        while token := answer['metadata'].get('continue'):
            assert len(answer['items']) == limit
            if not scope.selector.query:
                assert answer['metadata']['remainingItemCount'] == len(expected) - len(items)
            status, answer = self.call('GET', scope.url(f'limit={limit}&continue={token}'))
            if revision < self.model.floor:
                assert (status, answer['reason']) == (410, 'Expired')
                self.go_on_with_what_is_there(scope, items, answer['metadata']['continue'])
                return
            assert status == 200
            assert answer['metadata']['resourceVersion'] == str(revision)
            items += answer['items']
        assert items == expected

    def go_on_with_what_is_there(self, scope: Scope, read: list[JSON], token: str) -> None:
        """After a list has expired."""
        status, answer = self.call('GET', scope.url(f'continue={token}'))
        assert (status, answer['metadata']['resourceVersion']) == (200, str(self.model.revision))
        last = place_of(read[-1])
        assert answer['items'] == [item for item in self.items_of(scope) if place_of(item) > last]

    @rule(key=keys, api=st.sampled_from(['', 'v2']))
    def get(self, key: Key, api: str) -> None:
        api = api if key.kind == WIDGETS else ''
        answered = self.call('GET', key.url(api))
        if not self.is_absent(key, answered):
            body = in_version(cast('JSON', self.model.get(key)), api)
            assert answered == (200, body)
            place = f'{body["apiVersion"]}/{key.kind.plural}', *key.identity
            assert self.cluster.objects[place].raw == body

    # ---- Watches ----

    @rule(scope=scopes(), is_slow=st.booleans(), way=st.sampled_from(['', 'resourceVersion=0', INITIAL]))
    def watch(self, scope: Scope, is_slow: bool, way: str) -> None:
        self.begin(scope, way, is_slow, self.model.revision)

    @rule(scope=scopes(), is_slow=st.booleans(), ago=st.integers(0, 8))
    def resume(self, scope: Scope, is_slow: bool, ago: int) -> None:
        revision = self.model.revision - ago
        self.begin(scope, RESUME, is_slow, revision)

    def begin(self, scope: Scope, way: str, is_slow: bool, revision: int) -> None:
        answer = self.serve('GET', scope.url(f'watch=true&{way}{revision if way == RESUME else ""}'))
        assert answer.status == 200
        stream = cast('BodyStream', answer.body)
        if revision < self.model.floor:
            [line] = self.runner.run(drain(stream))
            error = json.loads(line)
            assert (error['type'], error['object']['reason'], error['object']['code']) == ('ERROR', 'Expired', 410)
            return
        watching = Watching(scope, stream, self.model.within(scope, revision), revision, way)
        self.watches.append(watching)
        if not is_slow:
            self.runner.run(watching.read())

    @precondition(lambda self: self.watches)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        number = data.draw(st.integers(0, len(self.watches) - 1))
        self.runner.run(self.watches.pop(number).leave())

    def end_all(self, end: Callable[[], object], then: dict[Key, list[JSON | None]]) -> None:
        """Go back to what was, which ends all watches; they have shown all until then, and nothing else."""
        end()
        watches, self.watches = self.watches, []
        for watching in watches:
            self.runner.run(watching.rest())
            watching.check(self.model)
        self.model.revision += 1
        self.model.floor = self.model.revision
        self.model.histories = deepcopy(then)
        self.model.changes = []

    def resume_from_anywhere(self) -> None:
        """A watch of any revision shows the same as one that was there all the time, but for what came before."""
        for scope in (Scope(CONFIGMAPS, None, ALL), Scope(WIDGETS, None, SELECTORS[1], 'v2')):
            for revision in range(self.model.floor, self.model.revision + 1, 2):
                self.begin(scope, RESUME, True, revision)

    # ---- All of it ----

    @precondition(lambda self: len(self.model.changes) > 10)
    @rule()
    def compact(self) -> None:
        self.cluster.compact()
        self.model.floor = self.model.revision

    @rule()
    def take_snapshot(self) -> None:
        self.snapshots.append((self.cluster.snapshot(), deepcopy(self.model.histories)))

    @precondition(lambda self: self.snapshots and len(self.model.changes) > 5)
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        snapshot, histories = data.draw(st.sampled_from(self.snapshots))
        self.end_all(lambda: self.cluster.restore(snapshot), histories)

    @rule()
    def checkpoint(self) -> None:
        self.cluster.checkpoint()
        self.lasting = deepcopy(self.model.histories)

    @precondition(lambda self: len(self.model.changes) > 10)
    @rule()
    def reset(self) -> None:
        self.end_all(self.cluster.reset, self.lasting)

    @invariant()
    def objects_histories_and_versions_are_equal(self) -> None:
        objects = self.cluster.objects
        versions: list[int] = []
        for key in KEYS:
            history = [None if one is None else one.raw for one in objects[key.place].history]
            assert history == self.model.histories.get(key, [])
            versions += [int(state['metadata']['resourceVersion']) for state in history if state is not None]
        assert len(versions) == len(set(versions))
        assert all(version <= self.model.revision for version in versions)
        for kind in KINDS:
            found = {(key.namespace, key.name) for key in objects[f'{kind.api_version}/{kind.plural}']}
            assert found == {key.identity for key in KEYS if key.kind == kind and self.model.get(key) is not None}
        assert objects.store.revision == self.model.revision

    @invariant()
    def each_event_has_a_revision_of_its_own_and_they_rise(self) -> None:
        assert self.told == sorted(set(self.told))

    @invariant()
    def watches_have_shown_all_that_happened(self) -> None:
        for watching in self.watches:
            if not watching.is_slow:
                watching.check(self.model)


def place_of(item: JSON) -> str:
    return f'{item["metadata"].get("namespace", "")}/{item["metadata"]["name"]}'


async def drain(stream: BodyStream) -> list[bytes]:
    return [line async for line in stream]


TestCluster = ClusterMachine.TestCase
TestCluster.settings = settings(max_examples=60, stateful_step_count=35, report_multiple_bugs=False)
