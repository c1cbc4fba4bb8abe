"""The kubeconfig: what is in it, and which files it never overwrites."""

import base64
import json
import stat
import sys
from pathlib import Path

import pytest

from kmock_k8s import KubernetesScaffold
from kmock_k8s.errors import KubeconfigError
from kmock_k8s.kubeconfig import kubeconfig, write_kubeconfig

URL = 'http://127.0.0.1:1234'
OF_OTHERS = 'apiVersion: v1\nkind: Config\nclusters: [{name: prod, cluster: {server: https://prod}}]\n'


def test_it_has_one_cluster_which_is_the_current_one() -> None:
    assert kubeconfig(URL) == {
        'apiVersion': 'v1',
        'kind': 'Config',
        'clusters': [{'name': 'kmock', 'cluster': {'server': URL, 'insecure-skip-tls-verify': True}}],
        'users': [{'name': 'kmock', 'user': {'token': 'kmock'}}],
        'contexts': [{'name': 'kmock', 'context': {'cluster': 'kmock', 'user': 'kmock', 'namespace': 'default'}}],
        'current-context': 'kmock',
    }


def test_the_authority_is_in_it_and_has_to_be_trusted() -> None:
    cluster = kubeconfig('https://127.0.0.1:1234', b'PEM')['clusters'][0]['cluster']
    assert cluster == {'server': 'https://127.0.0.1:1234', 'certificate-authority-data': 'UEVN'}
    assert base64.b64decode(cluster['certificate-authority-data']) == b'PEM'


@pytest.mark.parametrize(('token', 'user'), [('secret', {'token': 'secret'}), (None, {})])
def test_the_user_has_the_token_that_is_given(token: str | None, user: dict[str, str]) -> None:
    assert kubeconfig(URL, token=token)['users'][0]['user'] == user


def test_the_namespace_can_be_another_one() -> None:
    assert kubeconfig(URL, namespace='ns1')['contexts'][0]['context']['namespace'] == 'ns1'


def test_the_file_is_json_and_so_yaml(tmp_path: Path) -> None:
    write_kubeconfig(tmp_path / 'config', URL)
    assert json.loads((tmp_path / 'config').read_text()) == kubeconfig(URL)


@pytest.mark.skipif(sys.platform == 'win32', reason='files have no such modes on Windows')
def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    write_kubeconfig(tmp_path / 'config', URL)
    assert stat.S_IMODE((tmp_path / 'config').stat().st_mode) == 0o600


@pytest.mark.parametrize('before', ['', '# nothing yet\n', json.dumps(kubeconfig('http://other'))])
def test_a_file_of_an_earlier_server_is_overwritten(tmp_path: Path, before: str) -> None:
    (tmp_path / 'config').write_text(before)
    write_kubeconfig(tmp_path / 'config', URL)
    assert json.loads((tmp_path / 'config').read_text()) == kubeconfig(URL)
    assert [*tmp_path.iterdir()] == [tmp_path / 'config']


def test_a_file_that_kubectl_has_changed_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / 'config').write_text('apiVersion: v1\nclusters:\n- cluster:\n    server: http://x\n  name: kmock\n')
    write_kubeconfig(tmp_path / 'config', URL)
    assert json.loads((tmp_path / 'config').read_text()) == kubeconfig(URL)


@pytest.mark.parametrize('before', [OF_OTHERS, 'text', '[]', '{', '{"clusters": null}', '{"clusters": [1]}'])
def test_a_file_of_others_is_left_alone(tmp_path: Path, before: str) -> None:
    (tmp_path / 'config').write_text(before)
    with pytest.raises(
        KubeconfigError, match='is there, and is not a kubeconfig of kmock: name another file, or remov'
    ):
        write_kubeconfig(tmp_path / 'config', URL)
    assert (tmp_path / 'config').read_text() == before
    assert [*tmp_path.iterdir()] == [tmp_path / 'config']


def test_a_file_with_a_cluster_of_others_besides_is_left_alone(tmp_path: Path) -> None:
    content = kubeconfig(URL)
    content['clusters'].append({'name': 'prod', 'cluster': {'server': 'https://prod'}})
    (tmp_path / 'config').write_text(json.dumps(content))
    with pytest.raises(KubeconfigError):
        write_kubeconfig(tmp_path / 'config', URL)


def test_a_folder_is_no_file_to_write(tmp_path: Path) -> None:
    with pytest.raises(KubeconfigError):
        write_kubeconfig(tmp_path, URL)


def test_a_folder_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_kubeconfig(tmp_path / 'nothing' / 'config', URL)


@pytest.mark.skipif(sys.platform == 'win32', reason='links need rights on Windows')
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / 'link').symlink_to(tmp_path / 'config')
    write_kubeconfig(tmp_path / 'link', URL)
    assert (tmp_path / 'link').is_symlink()
    assert json.loads((tmp_path / 'config').read_text()) == kubeconfig(URL)


def test_a_handler_that_knows_no_server_has_none() -> None:
    with pytest.raises(RuntimeError, match='There is no running server'):
        KubernetesScaffold().kubeconfig()
