"""``kmock serve`` as a server of the Kubernetes API, for kubectl and for anything else that speaks it."""

import asyncio
import gzip
import json
import os
import re
import shlex
import signal
import sys
from collections.abc import AsyncGenerator, Callable, Coroutine
from pathlib import Path
from typing import Any, TypeAlias

import aiohttp
import pytest
import pytest_asyncio

from kmock_core import cli
from kmock_k8s.manifests.yaml import parse_yaml
from programs import find_kubectl

PATIENCE = 60.0
"""Seconds; a process takes a fraction of one to start, but the machines of CI are slow at times."""

pytestmark = pytest.mark.skipif(sys.platform == 'win32', reason='processes are ended in another way on Windows')

EXAMPLES = """
apiVersion: kopf.dev/v1
kind: KopfExample
metadata: {name: example1, namespace: ns1}
spec: {field: 'yes', number: 1}
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Pod, metadata: {name: pod1}, spec: {containers: &all [{name: main, image: nginx}]}}
- {apiVersion: v1, kind: Pod, metadata: {name: pod2}, spec: {containers: *all}}
---
apiVersion: v1
kind: Namespace
metadata: {name: ns1}
"""

DEFINITION = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: kopfexamples.kopf.dev}
spec:
  group: kopf.dev
  scope: Namespaced
  names: {plural: kopfexamples, kind: KopfExample, shortNames: [kex]}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
"""

INVALID = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a_b}'

EXAMPLE = 'kopfexample.kopf.dev/example1'
SETTINGS = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: "1"}'

CONTAINER = {'name': 'main', 'image': 'nginx'}

HANDLERS = ['k8s-cluster', 'k8s-emulator']


class Served:
    """A process of ``kmock serve`` that is ready, and the files around it."""

    def __init__(self, process: asyncio.subprocess.Process, ready: str) -> None:
        self.process = process
        self.ready = ready
        self.url = re.findall(r'https?://\S+', ready)[0]

    async def end(self) -> tuple[int, list[str]]:
        """Send a signal; the exit status, and the lines of the log without their times."""
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE):
            _, log = await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode, re.sub(r' \d+\.\d ms$', '', log.decode(), flags=re.MULTILINE).splitlines()


Serve: TypeAlias = Callable[..., Coroutine[None, None, Served]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the server runs: with manifests, and a file of resources."""
    (tmp_path / 'manifests').mkdir()
    (tmp_path / 'manifests' / 'a.yaml').write_text(EXAMPLES)
    (tmp_path / 'crd.yml').write_text(DEFINITION)
    (tmp_path / 'invalid.yml').write_text(INVALID)
    (tmp_path / 'kustomization.yaml').write_text('apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization')
    (tmp_path / 'homeless.yml').write_text(INVALID.replace('a_b', 'a').replace('}', ', namespace: ns1}'))
    (tmp_path / 'broken.gz').write_bytes(gzip.compress(b'{}')[:-9])
    (tmp_path / 'odd.json').write_text('{"groupVersion": 1}')
    resources = {'acme.dev/v1/gadgets': {'kind': 'Gadget', 'namespaced': True}}
    (tmp_path / 'resources.json.gz').write_bytes(gzip.compress(json.dumps(resources).encode()))
    return tmp_path


@pytest_asyncio.fixture
async def serve(folder: Path) -> AsyncGenerator[Serve, None]:
    """Runs ``kmock serve`` until it is ready."""
    processes: list[asyncio.subprocess.Process] = []

    async def run(*args: str, given: str | None = None) -> Served:
        command = [sys.executable, '-m', 'kmock', 'serve', *args]
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*command, cwd=folder, stdin=pipe, stdout=pipe, stderr=pipe)
        assert process.stdin is not None
        process.stdin.write((given or '').encode())
        process.stdin.close()
        processes.append(process)
        assert process.stdout is not None
        assert process.stderr is not None
        async with asyncio.timeout(PATIENCE):
            ready = (await process.stdout.readline()).decode()
            assert ready, (await process.stderr.read()).decode()
        return Served(process, ready)

    yield run
    for process in processes:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def get(url: str) -> Any:
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        assert response.status == 200
        return await response.json(content_type=None) if response.content_type == 'application/json' else None


def names_in(listed: Any) -> list[str]:
    return [item['metadata']['name'] for item in listed['items']]


async def test_the_most_capable_handler_is_served_by_default(serve: Serve) -> None:
    served = await serve()
    assert served.ready.startswith('kmock serves k8s-cluster at http://127.0.0.1:')
    await get(f'{served.url}/readyz')


@pytest.mark.parametrize('name', [*HANDLERS, 'k8s-scaffold'])
async def test_the_resources_of_kubernetes_are_known(serve: Serve, name: str) -> None:
    served = await serve('--handler', name)
    listed = await get(f'{served.url}/apis/apps/v1')
    assert 'deployments' in [item['name'] for item in listed['resources']]


@pytest.mark.parametrize('name', [*HANDLERS, 'k8s-scaffold'])
async def test_resources_of_files_are_known_besides(serve: Serve, name: str) -> None:
    served = await serve('--handler', name, '--resources', 'resources.json.gz')
    listed = await get(f'{served.url}/apis/acme.dev/v1')
    assert [item['name'] for item in listed['resources']] == ['gadgets']
    assert (await get(f'{served.url}/api/v1'))['resources']


@pytest.mark.parametrize('name', HANDLERS)
async def test_manifests_are_loaded_in_an_order_that_works(serve: Serve, name: str) -> None:
    served = await serve('--handler', name, '--load', 'manifests', '--load', 'crd.yml')
    assert names_in(await get(f'{served.url}/api/v1/namespaces/default/pods')) == ['pod1', 'pod2']
    assert 'ns1' in names_in(await get(f'{served.url}/api/v1/namespaces'))
    found = await get(f'{served.url}/apis/kopf.dev/v1/namespaces/ns1/kopfexamples/example1')
    assert found['spec'] == {'field': 'yes', 'number': 1}


@pytest.mark.parametrize('name', HANDLERS)
async def test_a_signal_ends_it_with_open_watches(serve: Serve, name: str) -> None:
    served = await serve('--handler', name, '--load', 'crd.yml')
    url = f'{served.url}/apis/kopf.dev/v1/kopfexamples?watch=true'
    async with aiohttp.ClientSession() as session, session.get(url) as first, session.get(url) as second:
        status, log = await served.end()
        assert await first.read() == await second.read() == b''
    line = 'GET /apis/kopf.dev/v1/kopfexamples?watch=true 200 watch kopf.dev/v1/kopfexamples'
    assert (status, log) == (0, [f'{line} (stream begins)'] * 2 + [f'{line} (stream ends)'] * 2)


async def test_a_watch_by_a_websocket_is_logged_and_not_hindered(serve: Serve) -> None:
    served = await serve()
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(f'{served.url}/api/v1/namespaces?watch=1') as socket:
            assert (await socket.receive_json())['type'] == 'ADDED'
        await get(f'{served.url}/readyz')
    line = 'GET /api/v1/namespaces?watch=1 101 watch v1/namespaces'
    _, log = await served.end()
    assert [told for told in log if told.startswith(line)] == [f'{line} (stream begins)', f'{line} (stream ends)']


CHART = """
---
# Source: web/templates/nothing.yaml
---
# Source: web/templates/serviceaccount.yaml
apiVersion: v1
kind: ServiceAccount
metadata:
  name: web
  labels: {helm.sh/chart: web-0.1.0, app.kubernetes.io/managed-by: Helm}
---
# Source: web/templates/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  selector:
    matchLabels: &labels {app: web}
  template:
    metadata:
      labels: *labels
    spec:
      serviceAccountName: web
      containers:
        - name: web
          image: "nginx:1.27"
          ports: [{name: http, containerPort: 80}]
          resources: {limits: {cpu: 0.5, memory: 128Mi}}
...
"""


@pytest.fixture
def repository(folder: Path) -> Path:
    """A folder as people have them: with what tools made, and with files that are no manifests."""
    place = folder / 'deploy'
    for name in ('chart', 'base', 'examples', '.git', '.github/workflows'):
        (place / name).mkdir(parents=True)
    (place / 'chart' / 'all.yaml').write_text(CHART)
    (place / 'base' / 'ns.yml').write_bytes(
        b'\xef\xbb\xbfapiVersion: v1\r\nkind: Namespace\r\nmetadata: {name: shop}\r\n'
    )
    (place / 'base' / 'none.yaml').write_text('---\n---\n# nothing\n')
    (place / 'base' / 'README.md').write_text('# Base')
    (place / 'examples' / 'all.yaml').write_text(f'{EXAMPLES.partition("---")[0]}---{DEFINITION}')
    node = {'apiVersion': 'v1', 'kind': 'Node', 'metadata': {'name': 'n1'}, 'status': {'phase': 'Running'}}
    secret = {'apiVersion': 'v1', 'kind': 'Secret', 'metadata': {'name': 's'}, 'stringData': {'a': 'b'}}
    listed = {'apiVersion': 'v1', 'kind': 'List', 'items': [node, secret], 'metadata': {'resourceVersion': ''}}
    (place / 'examples' / 'list.json').write_text(json.dumps(listed))
    (place / '.git' / 'broken.yaml').write_text('a: [')
    (place / '.github' / 'workflows' / 'ci.yml').write_text('jobs: {}')
    (place / '.pre-commit-config.yaml').write_text('repos: []')
    return place


async def test_a_folder_is_loaded_as_people_have_it(serve: Serve, repository: Path) -> None:
    served = await serve(
        '--load', str(repository), '--load', '-', given='{apiVersion: v1, kind: Namespace, metadata: {name: ns1}}'
    )
    core, apps = f'{served.url}/api/v1', f'{served.url}/apis/apps/v1'
    assert {'shop', 'ns1'} < {*names_in(await get(f'{core}/namespaces'))}
    assert names_in(await get(f'{apps}/deployments')) == ['web']
    assert names_in(await get(f'{core}/serviceaccounts?fieldSelector=metadata.name=web')) == ['web']
    assert names_in(await get(f'{served.url}/apis/kopf.dev/v1/kopfexamples')) == ['example1']
    assert (await get(f'{core}/nodes/n1'))['status']['phase'] == 'Running'
    assert (await get(f'{core}/namespaces/default/secrets/s'))['data'] == {'a': 'Yg=='}


async def test_namespaces_that_no_manifest_makes_come_to_be_by_themselves(serve: Serve) -> None:
    served = await serve('--namespaces', 'auto', '--load', 'homeless.yml')
    assert names_in(await get(f'{served.url}/api/v1/namespaces/ns1/configmaps')) == ['a']


async def test_each_request_is_a_line_with_the_builtin_that_has_served_it(serve: Serve) -> None:
    served = await serve()
    await get(f'{served.url}/apis')
    await get(f'{served.url}/api/v1/pods?limit=500')
    status, log = await served.end()
    assert (status, log) == (0, ['GET /apis 200 discovery', 'GET /api/v1/pods?limit=500 200 list v1/pods'])


async def test_what_is_refused_is_a_line_with_the_reason(serve: Serve) -> None:
    served = await serve()
    async with aiohttp.ClientSession(served.url) as session:
        await session.get('/api/v1/namespaces/default/pods/nothing')
        await session.get('/apis/acme.dev/v1/websites')
        await session.post('/api/v1/namespaces/ns1/configmaps', json={'metadata': {'name': 'settings'}})
    assert (await served.end())[1] == [
        'GET /api/v1/namespaces/default/pods/nothing 404 fetch v1/pods, refused: pods "nothing" not found',
        'GET /apis/acme.dev/v1/websites 404 list acme.dev/v1/websites, refused: no such resource',
        'POST /api/v1/namespaces/ns1/configmaps 404 create v1/configmaps, refused: namespaces "ns1" not found',
    ]


async def test_what_nothing_answers_is_not_said_to_be_served_by_a_builtin(serve: Serve) -> None:
    served = await serve('--handler', 'k8s-emulator')
    async with aiohttp.ClientSession(served.url) as session:
        for path in (
            '/metrics',
            '/openapi/v3',
            '/apis/acme.dev/v1/websites',
            '/api/v1/namespaces/ns1/pods/nothing',
        ):
            await session.get(path)
    status, log = await served.end()
    assert (status, log[:-1]) == (
        0,
        [
            'GET /metrics 404 no rule',
            'GET /openapi/v3 404 no rule',
            'GET /apis/acme.dev/v1/websites 404 no rule',
        ],
    )
    assert log[-1].startswith('GET /api/v1/namespaces/ns1/pods/nothing 404 fetch v1/pods')


# ---- kubectl ----


class Kubectl:
    """kubectl with the kubeconfig that the server has written."""

    def __init__(self, program: str, folder: Path) -> None:
        self.program = program
        self.folder = folder

    async def run(self, *args: str, given: str | None = None) -> str:
        """What it prints; it has to succeed."""
        pipe = asyncio.subprocess.PIPE
        # With no home: its cache of discovery is by hosts and ports, and ports are soon those of others.
        process = await asyncio.create_subprocess_exec(
            self.program, '--cache-dir', str(self.folder / 'cache'), *args,
            cwd=self.folder, stdin=pipe, stdout=pipe, stderr=pipe, env={'KUBECONFIG': 'kube.config'},
        )  # fmt: skip
        try:
            async with asyncio.timeout(PATIENCE):
                out, err = await process.communicate(None if given is None else given.encode())
        except BaseException:
            process.kill()
            raise
        assert process.returncode == 0, err.decode()
        return out.decode()


@pytest.fixture
def kubectl(folder: Path) -> Kubectl:
    return Kubectl(find_kubectl(), folder)


@pytest.mark.parametrize('options', [[], ['--tls']])
async def test_kubectl_reaches_it_by_the_kubeconfig(serve: Serve, kubectl: Kubectl, options: list[str]) -> None:
    served = await serve(
        '--kubeconfig', 'kube.config', '--load', 'manifests/../manifests', '--load', 'crd.yml', *options
    )
    assert '| kubeconfig: kube.config |' in served.ready
    assert await kubectl.run('get', '--raw', '/readyz') == 'ok'
    assert names_in(json.loads(await kubectl.run('get', '--raw', '/api/v1/pods'))) == ['pod1', 'pod2']
    assert await kubectl.run('get', 'kex', '-A', '-o', 'name') == f'{EXAMPLE}\n'


async def test_kubectl_reaches_it_by_what_is_to_be_pasted(serve: Serve, kubectl: Kubectl) -> None:
    (kubectl.folder / 'my configs').mkdir()
    served = await serve('--kubeconfig', 'my configs/kc', '--tls')
    command = served.ready.rstrip('\n').rpartition(' | ')[2]
    assert command.startswith('export KUBECONFIG=')
    script = kubectl.folder / 'pasted'
    script.write_text(f'#!/bin/sh\n{command}\nexec {shlex.quote(kubectl.program)} "$@"\n')
    script.chmod(0o700)
    assert await Kubectl(str(script), kubectl.folder).run('get', '--raw', '/readyz') == 'ok'


async def test_a_terminal_is_told_what_to_try(folder: Path, kubectl: Kubectl) -> None:
    pty = pytest.importorskip('pty')
    terminal, stdout = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, '-m', 'kmock', 'serve', '--tls'), cwd=folder, stdout=stdout, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(PATIENCE):
            told = await asyncio.to_thread(os.read, terminal, 4096)
            while not told.endswith(b'FILE\r\n'):
                told += await asyncio.to_thread(os.read, terminal, 4096)
        found = re.fullmatch(r'try: kubectl (.+), or start it with --kubeconfig FILE', told.decode().splitlines()[1])
        assert found is not None
        assert 'default' in await kubectl.run(*found[1].split(), '--kubeconfig', os.devnull, '-o', 'name')
    finally:
        process.kill()
        await process.communicate()
        os.close(terminal)
        os.close(stdout)


async def status_of(served: Served, token: str | None, path: str) -> int:
    headers = {} if token is None else {'Authorization': f'Bearer {token}'}
    async with aiohttp.ClientSession() as session, session.get(f'{served.url}{path}', headers=headers) as response:
        return response.status


TOKENS = """root-token,root,0,"system:masters"
jane-token,jane,1,"developers,testers"
joe-token,joe,2
"""

ROLES = """
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules: [{apiGroups: [''], resources: [pods], verbs: [get, list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: testers}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: testers}]
"""


async def test_users_are_told_apart_by_a_file_of_tokens(serve: Serve, folder: Path) -> None:
    (folder / 'tokens.csv').write_text(TOKENS)
    (folder / 'roles.yaml').write_text(ROLES)
    options = ['--tokens', 'tokens.csv', '--authorization', 'rbac', '--load', 'roles.yaml']
    served = await serve(*options)
    found = [
        await status_of(served, token, f'/api/v1/{plural}')
        for token in ('jane-token', 'joe-token', 'other-token', None)
        for plural in ('pods', 'secrets')
    ]
    assert found == [200, 403, 403, 403, 401, 401, 403, 403]
    assert (await served.end())[1][0].endswith(' show no tokens over http, so that they are nobody: add --tls')


async def test_kubectl_is_a_user_of_the_file_of_tokens_over_https(serve: Serve, kubectl: Kubectl) -> None:
    (kubectl.folder / 'tokens.csv').write_text(TOKENS)
    served = await serve('--tokens', 'tokens.csv', '--kubeconfig', 'kube.config', '--tls')
    assert (await kubectl.run('auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}')) == 'root'
    told = await kubectl.run('auth', 'whoami', '--token', 'jane-token', '-o', 'jsonpath={.status.userInfo.groups}')
    assert json.loads(told) == ['developers', 'testers', 'system:authenticated']
    assert not [line for line in (await served.end())[1] if 'over http' in line]


async def test_kubectl_applies_and_creates_manifests(serve: Serve, kubectl: Kubectl) -> None:
    await serve('--kubeconfig', 'kube.config', '--load', 'crd.yml', '--load', 'manifests')
    example = EXAMPLES.partition('---')[0]
    assert await kubectl.run('apply', '--server-side', '-f', '-', '-o', 'name', given=example) == f'{EXAMPLE}\n'
    created = json.loads(await kubectl.run('create', '-f', '-', '-o', 'json', given=SETTINGS))
    assert created['metadata']['uid']
    shown = await kubectl.run('get', 'configmap', 'settings', '-o', 'yaml')
    (found,) = parse_yaml(shown)
    assert found['data'] == {'a': '1'}


async def test_kubectl_sees_what_others_do(serve: Serve, kubectl: Kubectl) -> None:
    await serve('--kubeconfig', 'kube.config')
    created = await kubectl.run('create', '--raw', '/api/v1/namespaces/default/pods', '-f', '-', given=json.dumps({
        'apiVersion': 'v1', 'kind': 'Pod', 'metadata': {'name': 'pod3'}, 'spec': {'containers': [CONTAINER]},
    }))  # fmt: skip
    assert json.loads(created)['status']['phase'] == 'Pending'
    assert await kubectl.run('get', 'pods', '-o', 'name') == 'pod/pod3\n'
    assert await kubectl.run('delete', 'pod', 'pod3', '--wait=false', '-o', 'name') == 'pod/pod3\n'
    assert await kubectl.run('get', 'pods', '-o', 'name') == ''


async def test_a_kubeconfig_that_kubectl_has_changed_is_written_anew(serve: Serve, kubectl: Kubectl) -> None:
    await (await serve('--kubeconfig', 'kube.config')).end()
    await kubectl.run('config', 'set-context', '--current', '--namespace', 'ns1')
    await serve('--kubeconfig', 'kube.config')
    assert await kubectl.run('get', '--raw', '/readyz') == 'ok'


async def test_scalars_are_read_as_kubectl_reads_them(kubectl: Kubectl) -> None:
    text = """
        y yes On TRUE n No off ~ null yEs 1e3 1.5e3 .5 1. +1 -0 1_000 -1_0 0644 0o644 0x1F 0b11 08 22:22 12:30:45
        2024-01-01 2024-01-01T00:00:00Z = 1.2.3 10Mi "1" 'yes' 100m 0.10 1e16 123456789012345 -.5 +.5 1.5e-3 00 v1 -x .x
        0x 0b2 1e 1e+2 1__0 <x
    """
    scalars = text.split()
    items = [f'  k{number}: {scalar}' for number, scalar in enumerate(scalars)]
    document = '\n'.join(['apiVersion: v1', 'kind: ConfigMap', 'metadata: {name: x}', 'data:', *items])
    seen = json.loads(await kubectl.run('label', '--local', '-f', '-', 'a=b', '-o', 'json', given=document))
    (ours,) = parse_yaml(document)
    assert [*zip(scalars, ours['data'].values(), strict=True)] == [
        (scalar, seen['data'][f'k{number}']) for number, scalar in enumerate(scalars)
    ]


# ---- Refusals ----


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Runs ``kmock serve`` with what can't be; returns the one line that says so."""
    monkeypatch.chdir(folder)

    def run(*args: str) -> str:
        status = cli.main(['serve', *args])
        out, err = capsys.readouterr()
        assert (status, out, err.count('\n')) == (2, '', 1)
        return err

    return run


@pytest.mark.parametrize(
    ('args', 'message'),
    [
        (['--load', 'nothing'], '--load: nothing: No such file or directory'),
        (['--load', 'manifests'], '--load: manifests/a.yaml, document 1: the kind KopfExample of kopf.dev/v1 is '),
        (
            ['--load', 'invalid.yml'],
            '--load: invalid.yml, document 1: ConfigMap "a_b" is invalid: metadata.name: Invalid',
        ),
        (
            ['--load', 'homeless.yml'],
            '--load: homeless.yml, document 1: namespaces "ns1" not found; load that Namespace ',
        ),
        (['--handler', 'k8s-emulator', '--namespaces', 'auto'], "--namespaces is not for the handler 'k8s-emulator' ("),
        (
            ['--handler', 'k8s-emulator', '--load', 'manifests'],
            '--load: manifests/a.yaml, document 1: the kind KopfExamp',
        ),
        (['--load', 'resources.json.gz'], '--load: resources.json.gz: this is no UTF-8: '),
        (
            ['--load', 'kustomization.yaml'],
            '--load: kustomization.yaml, document 1: Kustomization is for kustomize: load',
        ),
        (['--tokens', 'nothing'], '--tokens: nothing: No such file or directory'),
        (['--tokens', 'crd.yml'], '--tokens: crd.yml, line 2: 1 column, but there are 3 or 4: token,user,uid,"group1,'),
        (
            ['--handler', 'k8s-emulator', '--tokens', 'crd.yml'],
            "--tokens is not for the handler 'k8s-emulator' (these can: --handler k8s-cluster)",
        ),
        (['--resources', 'nothing'], '--resources: nothing: No such file or directory'),
        (['--resources', 'manifests'], '--resources: manifests: Is a directory'),
        (['--resources', 'crd.yml'], '--resources: crd.yml is no JSON: '),
        (['--kubeconfig', 'crd.yml'], '--kubeconfig: crd.yml is there, and is not a kubeconfig of kmock: '),
        (['--kubeconfig', 'nothing/x'], '--kubeconfig: nothing/x: No such file or directory'),
        (['--kubeconfig', 'manifests'], '--kubeconfig: manifests is there, and is not a kubeconfig of kmock: '),
        (['--resources', 'broken.gz'], '--resources: broken.gz can not be decompressed: '),
        (['--resources', 'odd.json'], '--resources: odd.json has no definitions of resources: '),
        (
            ['--handler', 'k8s-scaffold', '--load', 'crd.yml'],
            "--load is not for the handler 'k8s-scaffold' (these can: --handler k8s-",
        ),
        (
            ['--handler', 'raw', '--resources', 'x'],
            "--resources is not for the handler 'raw' (these can: --handler k8s-",
        ),
    ],
)
def test_files_and_options_that_can_not_be_are_refused(
    refused: Callable[..., str], args: list[str], message: str
) -> None:
    assert refused(*args).startswith(f'kmock serve: {message}')


async def test_nothing_in_the_standard_input_is_refused(folder: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, '-m', 'kmock', 'serve', '--load', '-'),
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(PATIENCE):
        out, err = await process.communicate()
    assert (process.returncode, out, err) == (2, b'', b'kmock serve: --load: there is nothing in the standard input\n')


def test_a_kubeconfig_of_others_is_left_alone(refused: Callable[..., str], folder: Path) -> None:
    before = (folder / 'crd.yml').read_text()
    refused('--kubeconfig', 'crd.yml')
    assert (folder / 'crd.yml').read_text() == before
