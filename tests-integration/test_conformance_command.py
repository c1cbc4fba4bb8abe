"""``python -m conformance``: replays scenarios against servers of all kinds, and reports."""

import json
from pathlib import Path

import pytest
import trustme

import kmock
from conformance import floors
from conformance.__main__ import main
from conformance.playback import Playback, playing
from conformance.recordings import load
from conformance.targets import from_kubeconfig


def test_a_line_for_each_scenario_and_one_for_the_total(capsys: pytest.CaptureFixture[str]) -> None:
    with playing(Playback(load('health'))) as address:
        assert main(['--url', address.url, 'health']) == 0
    first, total = capsys.readouterr().out.splitlines()
    assert first.split()[:-2] == ['health', 'status', '10/10', 'body', '10/10', 'full', '10/10']
    assert total.split(maxsplit=1) == ['TOTAL', 'status 10/10 = 100.0 %  body 10/10 = 100.0 %  full 10/10 = 100.0 %']


def test_a_scenario_that_does_not_count_is_in_brackets_and_not_in_the_total(capsys: pytest.CaptureFixture[str]) -> None:
    with playing(Playback(load('kcm-gc'))) as address:
        main(['--url', address.url, 'kcm-gc'])
    first, total = capsys.readouterr().out.splitlines()
    assert first.startswith('(kcm-gc) ')
    assert 'status 0/0' in total


def test_the_first_differences_are_shown_as_asked(capsys: pytest.CaptureFixture[str]) -> None:
    def alter(step: str, answer: dict[str, object]) -> dict[str, object]:
        return {**answer, 'body': {'text': 'other'}}

    with playing(Playback(load('health'), alter)) as address:
        main(['--url', address.url, '--show', '2', 'health'])
    first, *shown, _ = capsys.readouterr().out.splitlines()
    assert 'status 10/10' in first
    assert len(shown) == 2
    assert all('.body.' in line and 'got "other"' in line for line in shown)


def test_the_report_in_markdown_is_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    with playing(Playback(load('health'))) as address:
        main(['--url', address.url, '--markdown', 'health'])
    header, _, row, total = capsys.readouterr().out.splitlines()
    assert header == '| Scenario | What it is about | Steps | Status | Body | Full |'
    assert row.startswith('| `health` | ')
    assert row.endswith(' | 10 | 10 | 10 | 10 |')
    assert total.endswith(' | 10 | 10 (100.0 %) | 10 (100.0 %) | 10 (100.0 %) |')


def test_the_report_in_json_has_the_level_of_each_step(tmp_path: Path) -> None:
    file = tmp_path / 'report.json'
    with playing(Playback(load('health'))) as address:
        main(['--url', address.url, '--json', str(file), 'health'])
    report = json.loads(file.read_text())
    assert report['total'] == {'steps': 10, 'status': 10, 'body': 10, 'full': 10}
    assert set(report['scenarios']['health'].values()) == {'full'}


def test_a_handler_is_served_anew_for_each_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(['--handler', 'k8s-emulator', 'health', 'errors-paths']) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ['errors-paths', 'health', 'TOTAL']


def test_a_cluster_is_found_by_its_kubeconfig(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / 'config'
    with kmock.serving(kmock.KubernetesEmulator, tls=True) as mock:
        mock.write_kubeconfig(file)
        assert main(['--kubeconfig', str(file), 'health']) == 0
        assert any(request.path == '/healthz' for request in mock.requests)
    assert 'status 10/10' in capsys.readouterr().out


def test_a_kubeconfig_may_have_a_client_certificate_in_place_of_a_token(tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert('admin')
    (tmp_path / 'client.crt').write_bytes(certificate.cert_chain_pems[0].bytes())
    (tmp_path / 'client.key').write_bytes(certificate.private_key_pem.bytes())
    (tmp_path / 'ca.crt').write_bytes(authority.cert_pem.bytes())
    config = {
        'current-context': 'kind',
        'contexts': [{'name': 'kind', 'context': {'cluster': 'c', 'user': 'u'}}],
        'clusters': [{'name': 'c', 'cluster': {'server': 'https://127.0.0.1:6443', 'certificate-authority': 'ca.crt'}}],
        'users': [{'name': 'u', 'user': {'client-certificate': 'client.crt', 'client-key': 'client.key'}}],
    }
    (tmp_path / 'config').write_text(json.dumps(config))
    address = from_kubeconfig(tmp_path / 'config')
    assert (address.url, address.token) == ('https://127.0.0.1:6443', None)
    assert address.context is not None
    assert len(address.context.get_ca_certs()) == 1


CONFIG = 'current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\n'
SERVED = CONFIG + "clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}]\n"


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('{', r' is no kubeconfig: '),
        ('', r' is no kubeconfig with a current-context'),
        ('[]', r' is no kubeconfig with a current-context'),
        ('current-context: b\ncontexts: [{name: a}, {name: c}]', r"^no context 'b' in the kubeconfig \(known: a, c\)$"),
        ('current-context: a\ncontexts: [{name: a}]', r'^no cluster None in the kubeconfig'),
        (f'{CONFIG}clusters: [{{name: c}}]\nusers: [{{name: u}}]', r" has no server for the cluster 'c'$"),
        (f'{SERVED}users: [{{name: u, user: {{exec: {{}}}}}}]', r' neither a token nor a client .* but: exec$'),
        (f'{SERVED}users: [{{name: u, user: {{client-key: nowhere}}}}]', r'can not be read: .*nowhere'),
        (f'{SERVED}users: [{{name: u, user: {{client-key-data: abc}}}}]', r'can not be read: Incorrect padding'),
    ],
)
def test_a_kubeconfig_that_is_none_is_explained(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / 'config').write_text(text)
    with pytest.raises(LookupError, match=message):
        from_kubeconfig(tmp_path / 'config')


def test_a_kubeconfig_may_name_a_file_with_the_token(tmp_path: Path) -> None:
    (tmp_path / 'config').write_text(f'{SERVED}users: [{{name: u, user: {{tokenFile: token}}}}]')
    (tmp_path / 'token').write_text('secret\n')
    assert from_kubeconfig(tmp_path / 'config').token == 'secret'


def test_a_cluster_that_was_used_before_is_told_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / 'config'
    with kmock.serving(kmock.KubernetesCluster, tls=True) as mock:
        mock.write_kubeconfig(file)
        argv = ['--kubeconfig', str(file), '--no-patient', 'create-dryrun', 'errors-paths']
        assert main(argv) == 0
        first = capsys.readouterr()
        assert main(argv[:-1]) == 0
    assert (first.out.splitlines()[-1].count('= 100.0 %'), first.err) == (3, '')
    assert (
        'What these create was there already, so their numbers say nothing: create-dryrun.' in capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ('argv', 'message'),
    [
        (['nothing-*'], 'no scenario nothing-* (known: apply-cm, '),
        (['--handler', 'k8s-nothing'], "no handler is named 'k8s-nothing'"),
        (['--url', 'http://127.0.0.1:1'], 'there is no server at http://127.0.0.1:1'),
        (['--url', 'localhost'], "no URL of a server: 'localhost'"),
        (['--kubeconfig', 'nowhere'], 'nowhere'),
        (['--raise', '--handler', 'k8s-emulator'], '--raise is for k8s-cluster'),
    ],
)
def test_mistakes_are_explained(argv: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = floors.FILE.read_bytes()
    with pytest.raises(SystemExit, match='2'):
        main(argv)
    assert message in capsys.readouterr().err
    assert floors.FILE.read_bytes() == before
