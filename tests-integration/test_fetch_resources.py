"""``kmock fetch resources`` from servers over TCP, as kubeconfigs say."""

import base64
import json
import os
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

import kmock
from kmock_core.cli import main


def declare(mock: kmock.KubernetesScaffold) -> None:
    mock.resources.load_bundled()
    mock.resources['kopf.dev/v1/kopfexamples'] = {
        'kind': 'KopfExample',
        'namespaced': True,
        'singular': 'kopfexample',
        'verbs': ['get', 'list', 'watch'],
        'shortnames': ['kex', 'kexes'],
        'categories': ['all'],
        'subresources': ['status', 'scale'],
    }
    mock.resources['kopf.dev/v1beta1/kopfexamples'] = {}


@pytest.fixture
def mock() -> Generator[kmock.KubernetesScaffold, None, None]:
    with kmock.serving(kmock.KubernetesScaffold) as mock:
        declare(mock)
        yield mock


def kubeconfig(url: object, user: dict[str, Any] | None = None, **cluster: Any) -> dict[str, Any]:
    return {
        'apiVersion': 'v1',
        'kind': 'Config',
        'clusters': [{'name': 'mock', 'cluster': {'server': str(url), **cluster}}],
        'users': [{'name': 'me', 'user': user or {}}],
        'contexts': [{'name': 'testing', 'context': {'cluster': 'mock', 'user': 'me'}}],
        'current-context': 'testing',
    }


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that is the kubeconfig of the test; it is yet to be written."""
    path = tmp_path / 'kubeconfig.yaml'
    monkeypatch.setenv('KUBECONFIG', str(path))
    monkeypatch.delenv('KUBERNETES_SERVICE_HOST', raising=False)
    return path


@pytest.fixture
def pointed(config: Path, mock: kmock.KubernetesScaffold) -> str:
    """The URL of the server that the kubeconfig of the test points to."""
    config.write_text(json.dumps(kubeconfig(mock.url)))
    return str(mock.url).rstrip('/')


def fetch(*args: object) -> int:
    return main(['fetch', 'resources', *map(str, args)])


def load(path: Path) -> kmock.ResourcesArray:
    resources = kmock.ResourcesArray()
    resources.load_path(path)
    return resources


@pytest.mark.parametrize('suffix', ['', '.gz', '.bz2', '.xz'])
def test_what_is_fetched_is_what_was_served(
    mock: kmock.KubernetesScaffold,
    pointed: str,
    tmp_path: Path,
    suffix: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    del mock.resources['kopf.dev/v1beta1/kopfexamples']
    target = tmp_path / f'resources.json{suffix}'

    assert fetch('-i', 'kopf.dev', '-o', target) == 0

    assert load(target) == mock.resources
    printed = capsys.readouterr()
    place = f'from {pointed} in {target}'
    assert printed.err == f'kmock fetch resources: {len(mock.resources)} resources of 23 API versions {place}\n'
    assert printed.out == ''


def test_the_same_resources_are_the_same_bytes(mock: kmock.KubernetesScaffold, pointed: str, tmp_path: Path) -> None:
    first, second = tmp_path / '1.gz', tmp_path / '2.gz'

    fetch('-i', 'kopf.dev', '-o', first)
    definitions = dict(reversed([*mock.resources.items()]))
    mock.resources.clear()
    mock.resources.update(definitions)
    fetch('-i', 'kopf.dev', '-o', second)

    assert first.read_bytes() == second.read_bytes()


def test_without_a_file_it_is_printed_with_a_line_for_each_resource(
    pointed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fetch('-x', '*', '-i', 'kopf.dev') == 0

    printed = capsys.readouterr().out
    assert [*json.loads(printed)] == ['kopf.dev/v1/kopfexamples', 'kopf.dev/v1beta1/kopfexamples']
    assert len(printed.splitlines()) == 4


def test_by_default_other_groups_are_not_fetched(pointed: str, tmp_path: Path) -> None:
    target = tmp_path / 'resources.json'
    bundled = kmock.ResourcesArray()
    bundled.load_bundled()

    assert fetch('-o', target) == 0

    assert load(target) == bundled


def test_only_what_is_chosen_is_asked_for(mock: kmock.KubernetesScaffold, pointed: str) -> None:
    assert fetch('-x', '*', '-i', 'kopf.dev', '-x', '*/v1beta*', '-i', 'v1') == 0

    assert [request.url.path for request in mock] == ['/api', '/apis', '/api/v1', '/apis/kopf.dev/v1']


def test_the_file_and_the_context_can_be_given(mock: kmock.KubernetesScaffold, config: Path, tmp_path: Path) -> None:
    content = kubeconfig(mock.url, {'token': 'secret'})
    path = tmp_path / 'other.yaml'
    path.write_text(json.dumps({**content, 'current-context': 'another'}))

    assert fetch('--kubeconfig', path, '--context', 'testing') == 0

    assert {request.headers['authorization'] for request in mock} == {'Bearer secret'}


def test_several_files_are_one_kubeconfig(
    mock: kmock.KubernetesScaffold, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = kubeconfig(mock.url, {'token': 'secret'})
    users = tmp_path / 'users.yaml'
    users.write_text(json.dumps({'users': content.pop('users')}))
    config.write_text(json.dumps(content))
    monkeypatch.setenv('KUBECONFIG', os.pathsep.join([str(tmp_path / 'none.yaml'), str(users), str(config)]))

    assert fetch() == 0

    assert mock[0].headers['authorization'] == 'Bearer secret'


@pytest.fixture
def secure() -> Generator[kmock.KubernetesScaffold, None, None]:
    with kmock.serving(kmock.KubernetesScaffold, tls=True) as mock:
        declare(mock)
        yield mock


def test_a_token_comes_from_a_program_and_the_authority_from_the_kubeconfig(
    secure: kmock.KubernetesScaffold, config: Path
) -> None:
    version = 'client.authentication.k8s.io/v1'
    credential = {'apiVersion': version, 'kind': 'ExecCredential', 'status': {'token': 'made'}}
    program = {
        'apiVersion': version,
        'command': sys.executable,
        'args': ['-c', f'print({json.dumps(credential)!r})'],
        'interactiveMode': 'Never',
    }
    authority = base64.b64encode(Path(secure.ca_path).read_bytes()).decode()
    content = kubeconfig(secure.url, {'exec': program}, **{'certificate-authority-data': authority})
    config.write_text(json.dumps(content))

    assert fetch() == 0

    assert secure[0].headers['authorization'] == 'Bearer made'


def test_a_server_of_unknown_authority_is_refused(
    secure: kmock.KubernetesScaffold, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(json.dumps(kubeconfig(secure.url)))

    assert fetch() == 1

    error = capsys.readouterr().err
    assert 'certificate verify failed' in error
    assert len(error.splitlines()) == 1


def test_versions_that_are_out_of_order_are_skipped(
    mock: kmock.KubernetesScaffold,
    pointed: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    mock['get /apis/kopf.dev/v1beta1'] << 503
    target = tmp_path / 'resources.json'

    assert fetch('-x', '*', '-i', 'kopf.dev', '-o', target) == 0

    assert [str(one) for one in load(target)] == ['kopf.dev/v1/kopfexamples']
    skipped, summary = capsys.readouterr().err.splitlines()
    assert (
        skipped
        == f'kmock fetch resources: skipped: {pointed}/apis/kopf.dev/v1beta1 is refused: 503 Service Unavailable'
    )
    assert '1 resources of 1 API versions' in summary


def test_versions_may_have_no_resources(
    mock: kmock.KubernetesScaffold, pointed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    mock['get /apis/kopf.dev/v1'] << {'kind': 'APIResourceList', 'groupVersion': 'kopf.dev/v1', 'resources': None}

    assert fetch('-x', '*', '-i', 'kopf.dev/v1') == 0

    assert json.loads(capsys.readouterr().out) == {}


ODD_ANSWERS: list[tuple[Any, str]] = [
    (kmock.KubernetesError(status=403, message='apis is forbidden'), '/apis is refused: 403 apis is forbidden'),
    (401, '/apis is refused: 401 Unauthorized'),
    (b'<html>', '/apis is no JSON, so that this is no Kubernetes API: '),
    ([], '/apis is no JSON object, so that this is no Kubernetes API'),
    ({'groups': [{}]}, ' is no Kubernetes API: its /api and /apis list no versions'),
    ({'groups': None}, ' is no Kubernetes API: its /api and /apis list no versions'),
]


@pytest.mark.parametrize(('answer', 'expected'), ODD_ANSWERS)
def test_refusals_and_other_servers_are_told_in_a_line(
    mock: kmock.KubernetesScaffold,
    pointed: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    answer: Any,
    expected: str,
) -> None:
    mock['get /apis'] << answer
    target = tmp_path / 'resources.json'

    assert fetch('-o', target) == 1

    error = capsys.readouterr().err
    assert error.startswith(f'kmock fetch resources: {pointed}{expected}')
    assert len(error.splitlines()) == 1
    assert not target.exists()


def test_a_server_that_is_down_is_told_in_a_line(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with kmock.serving(kmock.KubernetesScaffold) as mock:
        url = str(mock.url).rstrip('/')
    config.write_text(json.dumps(kubeconfig(url)))

    assert fetch() == 1

    error = capsys.readouterr().err
    assert error.startswith(f'kmock fetch resources: {url} does not answer: ')
    assert len(error.splitlines()) == 1


def test_a_server_that_hangs_up_is_told_in_a_line(
    mock: kmock.KubernetesScaffold, pointed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    mock['get /api'] << kmock.fault.reset()

    assert fetch() == 1

    error = capsys.readouterr().err
    assert f'{pointed} does not answer: ' in error
    assert len(error.splitlines()) == 1


def test_globs_that_leave_nothing_are_refused(pointed: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert fetch('-x', '*', '-o', tmp_path / 'none.json') == 2

    assert capsys.readouterr().err == (
        "kmock fetch resources: the globs leave nothing to fetch; after -x '*', include something: -i kopf.dev\n"
    )
    assert not (tmp_path / 'none.json').exists()


def test_what_is_not_there_is_told_with_what_is(pointed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert fetch('-i', 'kopf.dve') == 2

    error = capsys.readouterr().err
    assert "the cluster has no API group or version like 'kopf.dve' (it has: core/v1, " in error
    assert error.endswith('kopf.dev/v1, kopf.dev/v1beta1)\n')


def test_a_file_that_can_not_be_written_is_told_in_a_line(
    pointed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fetch('-o', tmp_path / 'nowhere' / 'resources.json') == 1

    error = capsys.readouterr().err
    assert 'No such file or directory' in error
    assert len(error.splitlines()) == 1


def test_no_kubeconfig_is_told_with_where_it_was_looked_for(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(['fetch', 'resources']) == 1

    assert capsys.readouterr().err == (
        f'kmock fetch resources: there is no kubeconfig: {config} (set KUBECONFIG, or use --kubeconfig FILE)\n'
    )


def test_a_kubeconfig_that_is_given_is_not_replaced_by_the_cluster_around(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv('KUBERNETES_SERVICE_HOST', 'localhost')

    assert main(['fetch', 'resources', '--kubeconfig', str(tmp_path / 'none')]) == 1

    assert f'there is no kubeconfig: {tmp_path / "none"}' in capsys.readouterr().err


def test_without_a_kubeconfig_the_cluster_around_is_asked(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv('KUBERNETES_SERVICE_HOST', '')  # so that it is found to be none

    assert main(['fetch', 'resources']) == 1

    assert 'the cluster that this runs in can not be used: Service host/port is' in capsys.readouterr().err


@pytest.mark.parametrize(
    ('content', 'expected'),
    [
        ('', 'file is empty'),
        ('{}', ''),
        ('[1, 2]', ''),
        ('{"a": ', 'expected the node content'),
        (json.dumps({**kubeconfig('http://localhost'), 'current-context': 'other'}), 'other'),
        (json.dumps({**kubeconfig('http://localhost'), 'clusters': []}), 'mock'),
    ],
)
def test_a_broken_kubeconfig_is_told_in_a_line(
    config: Path, capsys: pytest.CaptureFixture[str], content: str, expected: str
) -> None:
    config.write_text(content)

    assert main(['fetch', 'resources']) == 1

    error = capsys.readouterr().err
    assert error.startswith(f'kmock fetch resources: the kubeconfig {config} can not be used: ')
    assert expected in error
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize(
    ('args', 'expected'),
    [
        ([], 'thing'),
        (['pods'], "invalid choice: 'pods'"),
        (['resources', '-i'], 'expected one argument'),
        (['resources', '-i', 'a/b/c'], "'a/b/c' is neither a group nor group/version"),
        (['resources', 'kopf.dev'], 'unrecognized arguments: kopf.dev'),
    ],
)
def test_bad_arguments_are_told_with_what_is_accepted(
    capsys: pytest.CaptureFixture[str], args: list[str], expected: str
) -> None:
    try:
        status: object = main(['fetch', *args])
    except SystemExit as exc:
        status = exc.code

    assert status == 2
    assert expected in capsys.readouterr().err
