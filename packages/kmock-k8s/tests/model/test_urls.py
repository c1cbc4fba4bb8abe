"""Reading and writing the URLs of the API."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmock_k8s import resource
from kmock_k8s.model.urls import NOWHERE, Location, is_watch, locate, path_of

CORE: dict[str, Any] = {'group': '', 'version': 'v1'}
KOPF: dict[str, Any] = {'group': 'kopf.dev', 'version': 'v1'}

OBJECTS = [
    ('/api/v1/pods', Location(**CORE, plural='pods')),
    ('/api/v1/nodes/n1', Location(**CORE, plural='nodes', name='n1')),
    ('/api/v1/nodes/n1/status', Location(**CORE, plural='nodes', name='n1', subresource='status')),
    ('/api/v1/namespaces/ns1/pods', Location(**CORE, plural='pods', namespace='ns1')),
    ('/api/v1/namespaces/ns1/pods/p1', Location(**CORE, plural='pods', namespace='ns1', name='p1')),
    (
        '/api/v1/namespaces/ns1/pods/p1/log',
        Location(**CORE, plural='pods', namespace='ns1', name='p1', subresource='log'),
    ),
    ('/apis/kopf.dev/v1/kopfexamples', Location(**KOPF, plural='kopfexamples')),
    ('/apis/kopf.dev/v1/kopfexamples/x', Location(**KOPF, plural='kopfexamples', name='x')),
    (
        '/apis/kopf.dev/v1/namespaces/ns1/kopfexamples/x/scale',
        Location(**KOPF, plural='kopfexamples', namespace='ns1', name='x', subresource='scale'),
    ),
    ('/api/v1/namespaces', Location(**CORE, plural='namespaces')),
    ('/api/v1/watch/pods', Location(**CORE, plural='pods', is_watch=True)),
    ('/api/v1/watch/namespaces', Location(**CORE, plural='namespaces', is_watch=True)),
    ('/api/v1/watch/namespaces/ns1', Location(**CORE, plural='namespaces', name='ns1', is_watch=True)),
    (
        '/api/v1/watch/namespaces/ns1/pods/p1',
        Location(**CORE, plural='pods', namespace='ns1', name='p1', is_watch=True),
    ),
    ('/apis/kopf.dev/v1/watch/kopfexamples', Location(**KOPF, plural='kopfexamples', is_watch=True)),
    ('/api/v1/watch', Location(**CORE, plural='watch')),
    ('/api/v1/namespaces/ns1', Location(**CORE, plural='namespaces', name='ns1')),
    ('/api/v1/namespaces/ns1/status', Location(**CORE, plural='namespaces', name='ns1', subresource='status')),
    ('/api/v1/namespaces/ns1/finalize', Location(**CORE, plural='namespaces', name='ns1', subresource='finalize')),
    ('/api/v1/namespaces/status/pods', Location(**CORE, plural='pods', namespace='status')),
    ('/api/v1/namespaces/namespaces', Location(**CORE, plural='namespaces', name='namespaces')),
    ('/api/v1/namespaces/ns1/pods/a%2Fb', Location(**CORE, plural='pods', namespace='ns1', name='a/b')),
    ('/api/v1/namespaces/ns1/pods/%25%20%C3%BC', Location(**CORE, plural='pods', namespace='ns1', name='% ü')),
    ('/apis/rbac/v1/roles/system:admin', Location('rbac', 'v1', 'roles', None, 'system:admin')),
]

DISCOVERY = [
    ('/api', Location('', discovery=True)),
    ('/api/v1', Location('', 'v1', discovery=True)),
    ('/apis', Location(discovery=True)),
    ('/apis/kopf.dev', Location('kopf.dev', discovery=True)),
    ('/apis/kopf.dev/v1', Location('kopf.dev', 'v1', discovery=True)),
]


@pytest.mark.parametrize(('target', 'location'), [*OBJECTS, *DISCOVERY])
def test_a_url_is_read_and_written(target: str, location: Location) -> None:
    assert locate(target) == location
    assert path_of(location) == target


@pytest.mark.parametrize('variation', ['{}?watch=1&x=/api/v1/nodes', '{}/', '{}?', 'http://host:80{}', '{}/?a=b'])
def test_queries_hosts_and_trailing_slashes_do_not_matter(variation: str) -> None:
    for target, location in [*OBJECTS, *DISCOVERY]:
        assert locate(variation.format(target)) == location


@pytest.mark.parametrize(
    'target',
    [
        '', '/', '*', '//', '///', '/api//', '//api/v1/pods', '/api//pods', '/api/v1//pods', '/apis//v1/pods',
        '/api/v1/namespaces//pods', '/healthz', '/version', '/openapi/v2', '/apiserver/v1/pods', '/API/v1/pods',
        'example.com:443', 'http://host', 'http://[broken', '?', '/x/api/v1/pods',
    ],
)  # fmt: skip
def test_other_urls_are_about_nothing(target: str) -> None:
    assert locate(target) == NOWHERE
    assert locate(target).resource is None


def test_what_follows_a_subresource_is_ignored() -> None:
    assert locate('/api/v1/nodes/n1/proxy/metrics/cadvisor') == locate('/api/v1/nodes/n1/proxy')


def test_a_location_names_its_resource() -> None:
    assert locate('/apis/kopf.dev/v1/namespaces/ns1/kopfexamples/x').resource == resource('kopf.dev/v1/kopfexamples')
    assert locate('/apis/kopf.dev/v1').resource is None


@pytest.mark.parametrize(
    'location',
    [
        NOWHERE,
        Location(**CORE),
        Location(**CORE, plural=''),
        Location(**CORE, plural='pods', name=''),
        Location(**CORE, plural='pods', namespace=''),
        Location(**CORE, plural='pods', subresource='log'),
        Location(**CORE, name='p1'),
        Location(**CORE, namespace='ns1'),
        Location(**CORE, plural='namespaces', name='ns1', subresource='pods'),
        Location(**CORE, plural='status', namespace='ns1'),
        Location(version='v1', plural='pods'),
        Location(**CORE, plural='pods', discovery=True),
        Location(**CORE, plural='watch', name='pods'),
        Location(**CORE, plural='pods', name='\ud800'),
    ],
)
def test_a_location_that_no_url_is_about_is_an_error_that_shows_it(location: Location) -> None:
    with pytest.raises(ValueError, match='no URL is about Location'):
        path_of(location)


_segments = st.text(min_size=1, max_size=8) | st.sampled_from(['namespaces', 'status', 'a/b', '%2F', '%', '..', 'ns1'])


@given(
    st.just('') | _segments,
    _segments,
    _segments,
    st.none() | _segments,
    st.none() | st.tuples(_segments, st.none() | _segments),
)
def test_what_is_written_is_read_again(
    group: str, version: str, plural: str, namespace: str | None, named: tuple[str, str | None] | None
) -> None:
    location = Location(group, version, plural, namespace, *(named or (None, None)))
    try:
        path = path_of(location)
    except ValueError:
        # Namespaces are objects too: their subresources can't be told from resources, and the other way round.
        assert (plural == 'namespaces' and namespace is None and location.subresource is not None) or (
            plural in {'status', 'finalize'} and namespace is not None and named is None
        )
    else:
        assert locate(path) == location
        assert locate(f'{path}?watch=1') == location


_chunks = st.sampled_from(
    ['/', 'api', 'apis', 'v1', 'namespaces', 'ns1', 'pods', 'status', '%2F', '%', '%ff', '?', '//']
)


@given(st.text() | st.lists(_chunks).map(''.join) | st.lists(_chunks).map('/'.join).map('/{}'.format))
def test_any_target_is_read_and_what_it_is_about_can_be_written(target: str) -> None:
    location = locate(target)
    if location == NOWHERE:
        return
    assert locate(path_of(location)) == location
    assert (location.plural is None) == location.discovery


@pytest.mark.parametrize(
    'query', ['watch=1', 'watch=true', 'watch=True', 'watch=yes', 'a=b&watch=1', 'watch=', 'watch']
)
def test_a_watch_is_asked_for(query: str) -> None:
    assert is_watch(f'/api/v1/pods?{query}')


@pytest.mark.parametrize(
    'target',
    [
        '/api/v1/pods', '/api/v1/pods?watch=0', '/api/v1/pods?watch=false', '/api/v1/pods?watch=False',
        '/api/v1/pods?unwatch=1', '/api/v1/watch?a=watch', '/api/v1/pods?watch=0&watch=1',
    ],
)  # fmt: skip
def test_no_watch_is_asked_for(target: str) -> None:
    assert not is_watch(target)
