"""Tests of the documents of discovery."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmock_core.values.responses import Answer
from kmock_k8s.api.discovery import AGGREGATED, default_version, find_document, prefers_aggregated
from kmock_k8s.api.precedence import sort_groups, sort_versions
from kmock_k8s.errors import KubernetesNotFoundError, KubernetesResourceNotFoundError
from kmock_k8s.model.info import ResourceInfo
from kmock_k8s.model.known import ResourcesArray
from kmock_k8s.model.loading import read_bundled

ALL_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']


def answer(target: str, known: ResourcesArray, **headers: str) -> Answer:
    found = find_document(target, lambda: known, {'gitVersion': 'v1.2.3'}, **headers)
    assert found is not None
    return found


def read(target: str, known: ResourcesArray, **headers: str) -> Any:
    found = answer(target, known, **headers)
    assert isinstance(found.body, bytes)
    return json.loads(found.body)


@pytest.fixture
def known() -> ResourcesArray:
    return ResourcesArray(
        {
            'kopf.dev/v1beta1/kopfexamples': {'kind': 'KopfExample'},
            'kopf.dev/v1/kopfpeerings': {'namespaced': False},
            'kopf.dev/v1/kopfexamples': {
                'kind': 'KopfExample',
                'namespaced': True,
                'shortnames': ['kex', 'ke'],
                'categories': ['all'],
                'subresources': ['status', 'scale'],
            },
        }
    )


@pytest.fixture
def bundled() -> ResourcesArray:
    resources = ResourcesArray()
    resources.load_bundled()
    return resources


def without_hashes(document: Any) -> Any:
    rows = document['resources']
    fields = [{name: value for name, value in row.items() if name != 'storageVersionHash'} for row in rows]
    return {**document, 'resources': fields}


@pytest.mark.parametrize('origin', read_bundled()['resources'])
def test_the_bundled_resources_are_told_as_by_the_real_server(bundled: ResourcesArray, origin: str) -> None:
    document = read(f'/apis/{origin}' if '/' in origin else f'/api/{origin}', bundled)

    expected = without_hashes(read_bundled()['resources'][origin])
    assert json.dumps(document) == json.dumps(expected)  # in the same order too


def test_the_bundled_groups_are_in_the_order_of_the_real_server(bundled: ResourcesArray) -> None:
    groups = [group['name'] for group in read('/apis', bundled)['groups']]

    origins = list(read_bundled()['resources'])
    assert groups == list(dict.fromkeys(origin.split('/')[0] for origin in origins if '/' in origin))


def test_other_groups_follow_by_name_however_they_are_defined(bundled: ResourcesArray) -> None:
    resources = ResourcesArray({'zalando.org/v1/postgresqls': {}, 'aaa.dev/v1/deployments': {}})
    resources.update(bundled)

    groups = [group['name'] for group in read('/apis', resources)['groups']]
    assert groups[0] == 'apiregistration.k8s.io'
    assert groups[-2:] == ['aaa.dev', 'zalando.org']


def test_a_group_has_its_versions_with_the_preferred_one_first(known: ResourcesArray) -> None:
    v1 = {'groupVersion': 'kopf.dev/v1', 'version': 'v1'}
    v1beta1 = {'groupVersion': 'kopf.dev/v1beta1', 'version': 'v1beta1'}
    group = {'name': 'kopf.dev', 'versions': [v1, v1beta1], 'preferredVersion': v1}

    assert read('/apis', known) == {'kind': 'APIGroupList', 'apiVersion': 'v1', 'groups': [group]}
    assert read('/apis/kopf.dev', known) == {'kind': 'APIGroup', 'apiVersion': 'v1', **group}


def test_resources_are_by_name_and_followed_by_their_subresources(known: ResourcesArray) -> None:
    assert read('/apis/kopf.dev/v1', known) == {
        'kind': 'APIResourceList',
        'apiVersion': 'v1',
        'groupVersion': 'kopf.dev/v1',
        'resources': [
            {
                'name': 'kopfexamples',
                'singularName': 'kopfexample',
                'namespaced': True,
                'kind': 'KopfExample',
                'verbs': ALL_VERBS,
                'shortNames': ['ke', 'kex'],
                'categories': ['all'],
            },
            {
                'name': 'kopfexamples/scale',
                'singularName': '',
                'namespaced': True,
                'group': 'autoscaling',
                'version': 'v1',
                'kind': 'Scale',
                'verbs': ['get', 'patch', 'update'],
            },
            {
                'name': 'kopfexamples/status',
                'singularName': '',
                'namespaced': True,
                'kind': 'KopfExample',
                'verbs': ['get', 'patch', 'update'],
            },
            {
                'name': 'kopfpeerings',
                'singularName': 'kopfpeering',
                'namespaced': False,
                'kind': 'Kopfpeering',
                'verbs': ALL_VERBS,
            },
        ],
    }


def test_the_core_group_has_no_name_in_its_version() -> None:
    document = read('/api/v1', ResourcesArray({'v1/pods': {}}))

    assert (document['groupVersion'], 'apiVersion' in document) == ('v1', False)


def test_the_core_version_is_there_even_without_resources() -> None:
    empty = ResourcesArray()

    assert read('/api', empty)['versions'] == ['v1']
    assert read('/api/v1', empty) == {'kind': 'APIResourceList', 'groupVersion': 'v1', 'resources': []}
    assert read('/apis', empty)['groups'] == []


def test_the_core_versions_say_where_the_client_has_come_to() -> None:
    addresses = [{'clientCIDR': '0.0.0.0/0', 'serverAddress': '127.0.0.1:6443'}]

    assert read('/api', ResourcesArray(), host='127.0.0.1:6443')['serverAddressByClientCIDRs'] == addresses


@pytest.mark.parametrize(
    ('plural', 'info', 'expected'),
    [
        ('kopfexamples', {}, ('kopfexample', 'Kopfexample', True)),
        ('policies', {}, ('policy', 'Policy', True)),
        ('meshes', {}, ('mesh', 'Mesh', True)),
        ('storageclasses', {}, ('storageclass', 'Storageclass', True)),
        ('databases', {}, ('database', 'Database', True)),
        ('prometheus', {'kind': 'Prometheus'}, ('prometheus', 'Prometheus', True)),
        ('chess', {}, ('chess', 'Chess', True)),
        ('sheep', {}, ('sheep', 'Sheep', True)),
        ('s', {}, ('s', 'S', True)),
        ('kopfexamples', {'kind': 'KopfExample'}, ('kopfexample', 'KopfExample', True)),
        ('people', {'singular': 'person'}, ('person', 'Person', True)),
        ('people', {'singular': 'person', 'kind': 'Human', 'namespaced': False}, ('person', 'Human', False)),
    ],
)
def test_what_is_not_known_of_a_resource_is_derived_from_the_rest(
    plural: str, info: dict[str, Any], expected: tuple[str, str, bool]
) -> None:
    resources = ResourcesArray({f'kopf.dev/v1/{plural}': ResourceInfo.of(info)})

    (row,) = read('/apis/kopf.dev/v1', resources)['resources']
    assert (row['singularName'], row['kind'], row['namespaced']) == expected


@pytest.mark.parametrize(
    ('key', 'expected'),
    [
        ('v1/pods', ('pod', 'Pod', True)),
        ('v1/nodes', ('node', 'Node', False)),
        ('v1/endpoints', ('endpoints', 'Endpoints', True)),
        ('apps/v1/daemonsets', ('daemonset', 'DaemonSet', True)),
    ],
)
def test_what_is_not_known_of_a_built_in_resource_is_as_usual(key: str, expected: tuple[str, str, bool]) -> None:
    document = read(f'/api{"s" if key.count("/") > 1 else ""}/{key.rpartition("/")[0]}', ResourcesArray({key: {}}))

    (row,) = document['resources']
    assert (row['singularName'], row['kind'], row['namespaced']) == expected
    assert row['verbs'] == ALL_VERBS


def test_what_is_said_of_a_built_in_resource_holds() -> None:
    resources = ResourcesArray({'v1/pods': {'kind': 'Capsule', 'namespaced': False, 'verbs': ['list', 'get']}})

    (row,) = read('/api/v1', resources)['resources']
    assert (row['singularName'], row['kind'], row['namespaced']) == ('capsule', 'Capsule', False)
    assert row['verbs'] == ['get', 'list']


@pytest.mark.parametrize(
    'path', ['/version', '/api', '/api/v1', '/apis', '/apis/kopf.dev', '/apis/kopf.dev/v1', '/livez']
)
def test_slashes_at_the_end_do_not_matter(known: ResourcesArray, path: str) -> None:
    assert answer(path + '/', known).body == answer(path, known).body


@pytest.mark.parametrize('path', ['/version?timeout=32s', 'http://localhost:1234/version', '/version/?x'])
def test_the_version_is_told_as_it_is_given(known: ResourcesArray, path: str) -> None:
    assert read(path, known) == {'gitVersion': 'v1.2.3'}


def test_the_documents_are_json(known: ResourcesArray) -> None:
    assert {answer(path, known).header('content-type') for path in ('/', '/version', '/api', '/apis', '/api/v1')} == {
        'application/json'
    }


def test_the_paths_that_are_told_are_there(bundled: ResourcesArray) -> None:
    paths = read('/', bundled)['paths']

    assert paths == sorted(paths)
    assert {'/api/v1', '/apis/', '/apis/apps', '/apis/apps/v1', '/readyz/ping', '/version'} < {*paths}
    assert {answer(path, bundled).status for path in paths} == {200}


@pytest.mark.parametrize(
    'path', ['/healthz', '/livez', '/readyz', '/readyz/ping', '/livez/etcd', '/healthz?exclude=etcd']
)
def test_the_server_is_in_good_health(path: str) -> None:
    found = answer(path, ResourcesArray())

    assert (found.status, found.body) == (200, b'ok')
    assert found.header('content-type') == 'text/plain; charset=utf-8'


def test_the_checks_of_its_health_can_be_seen() -> None:
    found = answer('/readyz?verbose', ResourcesArray())

    assert found.body == b'[+]ping ok\n[+]log ok\n[+]etcd ok\nreadyz check passed\n'


@pytest.mark.parametrize(
    'target',
    [
        '/readyz/nope',
        '/healthz/ping/pong',
        '/readyzz',
        '/versions',
        '/version/1',
        '/openapi/v2',
        '/api/v1/pods',
        '/apis/kopf.dev/v1/kopfexamples',
        '/api/v1/namespaces/ns1/pods/pod1/status',
        '/apis//v1',
        '/apix',
        'nonsense',
    ],
)
def test_other_urls_have_no_documents(known: ResourcesArray, target: str) -> None:
    assert find_document(target, lambda: known, {}) is None


@pytest.mark.parametrize(
    ('path', 'known_ones', 'key'),
    [
        ('/apis/nope.dev', 'apps, kopf.dev', 'nope.dev/v1/plural'),
        ('/apis/nope.dev/v2', 'apps, kopf.dev', 'nope.dev/v2/plural'),
        ('/apis/kopf.dev/v2', 'v1, v1beta1', 'kopf.dev/v2/plural'),
        ('/api/v2', 'v1', 'v2/plural'),
    ],
)
def test_of_unknown_groups_and_versions_it_is_told_how_to_declare_them(
    known: ResourcesArray, path: str, known_ones: str, key: str
) -> None:
    known['apps/v1/deployments'] = {}

    with pytest.raises(KubernetesResourceNotFoundError) as caught:
        find_document(path, lambda: known, {})

    assert f'(known: {known_ones})' in str(caught.value)
    assert f"kmock.resources['{key}'] = {{" in str(caught.value)
    assert (caught.value.status, caught.value.reason) == (404, 'Resource Not Found')
    known[key] = {}
    assert answer(path, known).status == 200


def test_of_many_known_groups_only_some_are_listed(bundled: ResourcesArray) -> None:
    with pytest.raises(KubernetesNotFoundError, match=r'policy and 10 more\)'):
        find_document('/apis/nope.dev', lambda: bundled, {})


def test_odd_names_of_versions_are_not_taken_for_notations() -> None:
    with pytest.raises(
        KubernetesNotFoundError, match=r"resources\[resource\(group='', version='x', plural='plural'\)\]"
    ):
        find_document('/api/x', lambda: ResourcesArray(), {})


def test_reading_changes_nothing_of_what_is_known(known: ResourcesArray) -> None:
    known['v1/pods'] = {}
    before = known.dump_data()

    for path in ('/', '/api', '/api/v1', '/apis', '/apis/kopf.dev', '/apis/kopf.dev/v1'):
        answer(path, known)
        answer(path, known, accept=AGGREGATED)
    with pytest.raises(KubernetesNotFoundError):
        find_document('/apis/nope.dev/v1', lambda: known, {})

    assert known.dump_data() == before


KUBECTL = f'{AGGREGATED},application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json'


def test_kubectl_is_told_all_groups_at_once(known: ResourcesArray) -> None:
    found = answer('/apis', known, accept=KUBECTL)

    document = read('/apis', known, accept=KUBECTL)
    (group,) = document.pop('items')
    assert document == {'kind': 'APIGroupDiscoveryList', 'apiVersion': 'apidiscovery.k8s.io/v2', 'metadata': {}}
    assert group['metadata'] == {'name': 'kopf.dev'}
    assert [version['version'] for version in group['versions']] == ['v1', 'v1beta1']
    assert group['versions'][0]['freshness'] == 'Current'
    assert group['versions'][0]['resources'] == [
        {
            'resource': 'kopfexamples',
            'responseKind': {'group': '', 'version': '', 'kind': 'KopfExample'},
            'scope': 'Namespaced',
            'singularResource': 'kopfexample',
            'verbs': ALL_VERBS,
            'shortNames': ['ke', 'kex'],
            'categories': ['all'],
            'subresources': [
                {
                    'subresource': 'scale',
                    'responseKind': {'group': 'autoscaling', 'version': 'v1', 'kind': 'Scale'},
                    'verbs': ['get', 'patch', 'update'],
                },
                {
                    'subresource': 'status',
                    'responseKind': {'group': '', 'version': '', 'kind': 'KopfExample'},
                    'verbs': ['get', 'patch', 'update'],
                },
            ],
        },
        {
            'resource': 'kopfpeerings',
            'responseKind': {'group': '', 'version': '', 'kind': 'Kopfpeering'},
            'scope': 'Cluster',
            'singularResource': 'kopfpeering',
            'verbs': ALL_VERBS,
        },
    ]
    assert found.header('content-type') == AGGREGATED
    assert found.header('vary') == 'Accept'


def test_the_core_group_has_no_name_among_all_at_once() -> None:
    (group,) = read('/api', ResourcesArray({'v1/pods': {}}), accept=KUBECTL)['items']

    assert group['metadata'] == {}
    assert [(version['version'], len(version['resources'])) for version in group['versions']] == [('v1', 1)]


@pytest.mark.parametrize(
    ('accept', 'expected'),
    [
        ('', False),
        ('*/*', False),
        ('application/json', False),
        (AGGREGATED, True),
        (AGGREGATED.replace(';', ' ; '), True),
        (KUBECTL, True),
        (f'application/json,{AGGREGATED}', False),
        (f'application/json;q=0.5,{AGGREGATED}', True),
        (f'{AGGREGATED};q=0.1,*/*;q=0.2', False),
        (f'{AGGREGATED};q=oops,application/json', False),
        (f'application/json;profile=x,{AGGREGATED}', False),
        (AGGREGATED.replace('v2', 'v2beta1'), False),
        (AGGREGATED.replace('application/json', 'application/yaml'), False),
    ],
)
def test_all_at_once_is_for_clients_that_prefer_it(accept: str, expected: bool) -> None:
    assert prefers_aggregated(accept) is expected


def test_the_version_is_that_of_the_bundled_resources() -> None:
    version = default_version()

    assert (version['major'], version['minor']) == ('1', '36')
    assert version['gitVersion'].startswith('v1.36.')
    assert all(isinstance(value, str) for value in version.values())


def test_a_changed_version_is_not_that_of_others() -> None:
    default_version()['gitVersion'] = 'mine'

    assert default_version()['gitVersion'] != 'mine'


def test_versions_are_sorted_by_priority() -> None:
    given = ['foo10', 'v1', 'v11alpha2', 'v3beta1', 'v11beta2', 'v10', 'foo1', 'v2', 'v10beta3', 'v12alpha1', 'v01']

    # The example of the documentation of Kubernetes; and one that only looks like a version.
    assert sort_versions(given) == [
        'v10',
        'v2',
        'v1',
        'v11beta2',
        'v10beta3',
        'v3beta1',
        'v12alpha1',
        'v11alpha2',
        'foo1',
        'foo10',
        'v01',
    ]


@given(
    st.lists(st.from_regex(r'v[0-9]{1,2}((alpha|beta)[0-9])?|[a-z]{1,3}', fullmatch=True), unique=True), st.randoms()
)
def test_the_order_of_versions_does_not_depend_on_that_of_definition(versions: list[str], random: Any) -> None:
    shuffled = random.sample(versions, len(versions))

    assert sort_versions(shuffled) == sort_versions(versions)
    assert sort_groups(shuffled) == sort_groups(versions)


@given(st.text(alphabet=st.characters(codec=None), max_size=20), st.text(max_size=50))
def test_any_url_has_a_document_or_none_or_is_not_found(tail: str, accept: str) -> None:
    for root in ('', '/', '/api/', '/apis/', '/readyz'):
        try:
            find_document(root + tail, lambda: ResourcesArray({'kopf.dev/v1/kopfexamples': {}}), {}, accept=accept)
        except KubernetesNotFoundError as exc:
            assert 'kmock.resources[' in exc.as_status()['message']  # noqa: PT017 - that there is none is right too
