"""What URLs mean to roles."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmock_k8s.cluster.access.attributes import Attributes, read_attributes

NS = '/api/v1/namespaces/ns1'


@pytest.mark.parametrize(
    ('method', 'target', 'wanted'),
    [
        ('GET', f'{NS}/pods', Attributes('list', '', 'pods', '', 'ns1')),
        ('GET', f'{NS}/pods/', Attributes('list', '', 'pods', '', 'ns1')),
        ('HEAD', f'{NS}/pods', Attributes('list', '', 'pods', '', 'ns1')),
        ('GET', f'{NS}/pods?watch=1', Attributes('watch', '', 'pods', '', 'ns1')),
        ('GET', f'{NS}/pods?watch=false', Attributes('list', '', 'pods', '', 'ns1')),
        ('GET', f'{NS}/pods/x?watch=1', Attributes('get', '', 'pods', '', 'ns1', 'x')),
        ('GET', f'{NS}/pods?fieldSelector=metadata.name%3Dx', Attributes('list', '', 'pods', '', 'ns1', 'x')),
        ('GET', f'{NS}/pods?fieldSelector=metadata.name%21%3Dx', Attributes('list', '', 'pods', '', 'ns1')),
        ('GET', f'{NS}/pods?fieldSelector=bogus', Attributes('list', '', 'pods', '', 'ns1')),
        ('GET', f'{NS}/pods?fieldSelector=metadata.name%3D..', Attributes('list', '', 'pods', '', 'ns1')),
        ('GET', '/api/v1/watch/pods', Attributes('watch', '', 'pods')),
        ('GET', '/api/v1/watch/namespaces/ns1/pods/x', Attributes('watch', '', 'pods', '', 'ns1', 'x')),
        ('GET', '/api/v1/proxy/nodes/x/y', Attributes('proxy', '', 'nodes', name='x')),
        ('POST', f'{NS}/pods', Attributes('create', '', 'pods', '', 'ns1')),
        ('POST', f'{NS}/pods/x/eviction', Attributes('create', '', 'pods', 'eviction', 'ns1', 'x')),
        ('GET', f'{NS}/pods/x/proxy/a/b', Attributes('get', '', 'pods', 'proxy', 'ns1', 'x')),
        ('PUT', '/apis/apps/v1/namespaces/n/sets/x/scale', Attributes('update', 'apps', 'sets', 'scale', 'n', 'x')),
        ('PATCH', f'{NS}/pods/x', Attributes('patch', '', 'pods', '', 'ns1', 'x')),
        ('DELETE', f'{NS}/pods/x', Attributes('delete', '', 'pods', '', 'ns1', 'x')),
        ('DELETE', f'{NS}/pods', Attributes('deletecollection', '', 'pods', '', 'ns1')),
        ('FOO', f'{NS}/pods', Attributes('', '', 'pods', '', 'ns1')),
        ('GET', NS, Attributes('get', '', 'namespaces', '', 'ns1', 'ns1')),
        ('PUT', f'{NS}/finalize', Attributes('update', '', 'namespaces', 'finalize', 'ns1', 'ns1')),
        ('GET', '/api/v1/namespaces', Attributes('list', '', 'namespaces')),
        ('GET', f'{NS}/pods/a%2Fb', Attributes('get', '', 'pods', 'b', 'ns1', 'a')),
        ('GET', '/apis/nope.dev/v1/whatever', Attributes('list', 'nope.dev', 'whatever')),
        ('GET', '/api/v1', Attributes('get', path='/api/v1')),
        ('GET', '/apis/apps/v1/', Attributes('get', path='/apis/apps/v1/')),
        ('POST', '/healthz?verbose', Attributes('post', path='/healthz')),
        ('HEAD', '/', Attributes('head', path='/')),
        ('GET', '/a%20b', Attributes('get', path='/a b')),
    ],
)  # fmt: skip
def test_a_request_wants_what_its_url_says(method: str, target: str, wanted: Attributes) -> None:
    assert read_attributes(method, target) == wanted


PARTS = st.sampled_from(['api', 'apis', 'v1', 'watch', 'proxy', 'namespaces', '', 'x', '%2F', '%', '?watch=1'])


@settings(max_examples=200)
@given(st.text() | st.lists(PARTS).map('/'.join))
def test_any_url_wants_something(target: str) -> None:
    wanted = read_attributes('GET', f'/{target}')
    assert wanted.verb in {'get', 'list', 'watch', 'proxy'}
    assert wanted.path is None or wanted.path.startswith('/')
