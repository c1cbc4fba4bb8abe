"""Which representations clients of the cluster take."""

import json
from typing import Any

import pytest

import kmock

MAPS = '/api/v1/namespaces/default/configmaps'
WATCHES = 'application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch'
MEDIA = 'application/json, application/yaml, application/vnd.kubernetes.protobuf'


async def ask(accept: str | None, url: str = MAPS, **headers: str) -> tuple[int, str, str]:
    """The status, the media type and the text of an answer."""
    given = {**headers, **({} if accept is None else {'Accept': accept})}
    async with kmock.KubernetesCluster() as cluster:
        response = await cluster.get(url, headers=given)
        return response.status, response.headers['Content-Type'], (await response.read()).decode('utf-8', 'replace')


async def refusal(accept: str, url: str = MAPS) -> Any:
    status, media, text = await ask(accept, url)
    assert (status, media) == (406, 'application/json')
    found = json.loads(text)
    assert (found['code'], found['reason']) == (406, 'NotAcceptable')
    return found


@pytest.mark.parametrize(
    'accept',
    [
        None,
        '',
        '*/*',
        'application/json',
        'application/json, */*;q=0.1',
        'application/vnd.kubernetes.protobuf,application/json',
        'application/json;as=Table;v=v1;g=nowhere,application/json',
        'application/json;stream=watch',
        'text/html, application/json;q=0.5',
        'application/yaml;q=0.3, application/json;q=0.7',
        'application/json;charset=utf-8',
    ],
)
async def test_who_takes_json_gets_it(accept: str | None) -> None:
    status, media, text = await ask(accept)
    assert (status, media, json.loads(text)['kind']) == (200, 'application/json', 'ConfigMapList')
    assert text.endswith('}\n')
    assert '\n' not in text[:-1]


@pytest.mark.parametrize('accept', ['application/xml', 'text/plain', 'application/*', 'application/json-seq'])
async def test_who_takes_nothing_that_a_collection_has_is_told_what_there_is(accept: str) -> None:
    found = await refusal(accept)
    assert found['message'] == f'406: Not Acceptable\n\nAvailable representations: {MEDIA}, {WATCHES}'
    assert found['details'] == {}


async def test_single_objects_are_not_watched() -> None:
    found = await refusal('application/xml', f'{MAPS}/a')
    assert found['message'] == f'406: Not Acceptable\n\nAvailable representations: {MEDIA}'


async def test_logs_are_texts_but_not_only() -> None:
    log = '/api/v1/namespaces/default/pods/web/log'
    found = await refusal('application/xml', log)
    assert found['message'] == f'406: Not Acceptable\n\nAvailable representations: text/plain, {MEDIA}'
    found = await refusal('text/plain', log)
    assert found['message'] == f'only the following media types are accepted: {MEDIA}'
    assert (await ask('text/plain, */*', log))[0] == 404


async def test_what_is_behind_a_proxy_answers_as_it_likes() -> None:
    assert (await ask('text/html', '/api/v1/namespaces/default/pods/web/proxy'))[0] == 404


@pytest.mark.parametrize(
    'accept',
    [
        'application/json;as=Nope;v=v1;g=meta.k8s.io',
        'application/json;as=Table;v=v9;g=meta.k8s.io',
        'application/json;as=Table;v=v1',
        'application/json;g=meta.k8s.io',
        'application/json;stream=other',
        'application/json;sv=v1',
        'application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io',
    ],
)
async def test_unknown_transformations_are_refused(accept: str) -> None:
    found = await refusal(accept)
    assert found['message'] == f'only the following media types are accepted: {MEDIA}'
    assert 'details' not in found


async def test_there_are_no_watches_in_yaml() -> None:
    status, media, text = await ask('application/yaml', f'{MAPS}?watch=1')
    assert (status, media) == (406, 'application/yaml')
    assert "message: 'only the following media types are accepted: application/json;stream=watch,\n  " in text


async def test_errors_of_who_takes_nothing_are_for_people() -> None:
    _, _, text = await ask('application/xml')
    assert text.startswith('{\n  "kind": "Status",\n  "apiVersion": "v1",\n  "metadata": {},')
    assert text.endswith('\n}')


async def test_errors_are_no_tables() -> None:
    only_tables = 'application/json;as=Table;v=v1;g=meta.k8s.io'
    status, media, text = await ask(only_tables, f'{MAPS}/a')
    assert (status, media, json.loads(text)['reason']) == (404, 'application/json', 'NotFound')
    assert text.startswith('{\n')
    status, _, text = await ask(f'{only_tables},application/json', f'{MAPS}/a')
    assert (status, text[:2]) == (404, '{"')


async def test_yaml_is_answered_to_who_prefers_it() -> None:
    status, media, text = await ask('application/yaml, application/json;q=0.5')
    assert (status, media) == (200, 'application/yaml')
    assert text.startswith('apiVersion: v1\nitems: []\nkind: ConfigMapList\nmetadata:\n  resourceVersion: "')


async def test_errors_are_in_yaml_too() -> None:
    status, media, text = await ask('application/yaml', f'{MAPS}/a')
    assert (status, media) == (404, 'application/yaml')
    assert text == (
        'apiVersion: v1\ncode: 404\ndetails:\n  kind: configmaps\n  name: a\nkind: Status\n'
        'message: configmaps "a" not found\nmetadata: {}\nreason: NotFound\nstatus: Failure\n'
    )


async def test_protobuf_is_answered_to_who_takes_nothing_else() -> None:
    status, media, text = await ask('application/vnd.kubernetes.protobuf')
    assert (status, media, text[:3]) == (200, 'application/vnd.kubernetes.protobuf', 'k8s')


@pytest.mark.parametrize(
    ('query', 'agent', 'is_indented'),
    [
        ('?pretty=1', 'tests/1', True),
        ('?pretty=true', 'tests/1', True),
        ('?pretty=T', 'tests/1', True),
        ('?pretty=yes', 'tests/1', False),
        ('?pretty=', 'curl/8', True),
        ('?pretty=false', 'curl/8', False),
        ('', 'curl/8', True),
        ('', 'Wget/1', True),
        ('', 'Mozilla/5.0 (X11)', True),
        ('', 'Mozilla/4.0', False),
        ('?labelSelector=pretty', 'tests/1', False),
    ],
)
@pytest.mark.parametrize('path', ['', '/a'])
async def test_json_is_indented_for_people(path: str, query: str, agent: str, is_indented: bool) -> None:
    _, _, text = await ask('application/json', f'{MAPS}{path}{query}', **{'User-Agent': agent})
    assert text.startswith('{\n  "') is is_indented
    assert text.endswith('\n') is not is_indented


async def test_errors_are_indented_for_people() -> None:
    _, media, text = await ask('application/json', f'{MAPS}/a?pretty=1')
    assert (media, text[:2], text[-2:]) == ('application/json', '{\n', '\n}')
    assert (await ask('*/*', '/apis/apps', **{'User-Agent': 'curl/8'}))[2].startswith('{\n')


async def test_texts_are_what_they_are() -> None:
    status, media, text = await ask('application/yaml', '/apis/nowhere.example.com')
    assert (status, media.partition(';')[0], text) == (404, 'text/plain', '404 page not found\n')


@pytest.mark.parametrize('accept', ['application/vnd.kubernetes.protobuf', 'application/yaml'])
async def test_custom_objects_have_no_protobuf(accept: str) -> None:
    async with kmock.KubernetesCluster() as cluster:
        cluster.resources['example.com/v1/widgets'] = {}
        response = await cluster.get('/apis/example.com/v1/namespaces/default/widgets', headers={'Accept': accept})
        assert (response.status, response.headers['Content-Type']) == (200 if 'yaml' in accept else 406, accept)


async def test_json_is_indented_if_its_parameter_says_so() -> None:
    _, _, text = await ask('application/json;pretty=1')
    assert text.startswith('{\n  "kind": "ConfigMapList",\n  "apiVersion": "v1",\n  "metadata": {\n')
    assert text.endswith('\n  },\n  "items": []\n}')


@pytest.mark.parametrize('url', ['/api', '/apis', '/api/v1', '/apis/apps', '/apis/apps/v1'])
async def test_discovery_is_represented_as_it_is_accepted(url: str) -> None:
    assert (await ask('application/json;pretty=1', url))[2].startswith('{\n')
    assert (await ask('application/yaml', url))[1] == 'application/yaml'
    found = await refusal('application/json;as=Table;v=v1;g=meta.k8s.io', url)
    assert found['message'] == f'only the following media types are accepted: {MEDIA}'
    found = await refusal('application/xml', url)
    assert found['message'] == f'406: Not Acceptable\n\nAvailable representations: {MEDIA}'
