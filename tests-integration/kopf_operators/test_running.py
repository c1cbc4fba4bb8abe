"""Operators are run as users run them: by the command line, over TLS, and stopped at any time."""

import logging
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import kopf
import pytest
from kopf.testing import KopfRunner

from kmock import KubernetesCluster
from operators import Operator, make_settings
from websites import DEFINITION, KEY, WEBSITES, website

CODE = """
import kopf

kopf.on.login()(kopf.login_with_kubeconfig)


@kopf.on.create('acme.dev', 'v1', 'websites')
def create(spec, patch, body, **_):
    patch.status['url'] = f'https://{spec["host"]}/'
    kopf.info(body, reason='Created', message='It is there.')


@kopf.on.delete('acme.dev', 'v1', 'websites')
def delete(name, logger, **_):
    logger.info(f'{name} is off.')
"""
READY = {'status': {'url': 'https://tea.dev/'}}


@pytest.fixture(autouse=True)
def restored_logging() -> Generator[None, None, None]:
    """Kopf's command line configures the logging of its process."""
    root, asyncios = logging.getLogger(), logging.getLogger('asyncio')
    known = root.level, asyncios.propagate, [*root.handlers], [*asyncios.handlers]
    yield
    root.level, asyncios.propagate, root.handlers[:], asyncios.handlers[:] = known


@pytest.fixture
def program(tmp_path: Path, operator: Operator) -> str:
    """The file of an operator."""
    path = tmp_path / 'websites_operator.py'
    path.write_text(CODE, 'utf-8')
    return str(path)


@pytest.mark.parametrize('options', [['--all-namespaces'], ['--namespace', 'default'], ['-n', 'def*,!team-*']])
def test_the_runner_of_kopf_serves_websites(kmock: KubernetesCluster, program: str, options: list[str]) -> None:
    with KopfRunner(['run', '--standalone', *options, program], timeout=10, settings=make_settings()) as runner:
        kmock.load(website())
        kmock.objects[WEBSITES, 'default', 'tea'].wait_sync(READY, timeout=10)
    assert runner.exit_code == 0
    assert "Handler 'create' succeeded." in runner.output


@pytest.mark.parametrize('kmock_options', [{'cls': KubernetesCluster}, {'cls': KubernetesCluster, 'tls': True}])
def test_a_process_finds_the_cluster_by_its_kubeconfig_and_stops_when_it_is_told_to(
    kmock: KubernetesCluster, program: str, kmock_options: dict[str, Any]
) -> None:
    assert kmock.url.scheme == ('https' if 'tls' in kmock_options else 'http')
    command = [sys.executable, '-m', 'kopf', 'run', '--standalone', '--all-namespaces', program]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        kmock.load(website())
        kmock.objects[WEBSITES, 'default', 'tea'].wait_sync(READY, timeout=20)
        process.terminate()
        _, written = process.communicate(timeout=10)
    assert process.returncode == 0
    assert 'Signal SIGTERM is received. Operator is stopping.' in written
    assert 'ERROR' not in written


async def test_an_operator_stops_at_once_with_open_watches(kmock: KubernetesCluster, operator: Operator) -> None:
    @kopf.on.event(*KEY, registry=operator.registry)
    async def look(**kwargs: Any) -> None:
        operator.calls.note('look', **kwargs)

    kmock.load(website())
    async with operator.running(kmock):
        await operator.calls.next('look')
        await kmock['watch', WEBSITES].wait(timeout=10)
        start = time.perf_counter()
    assert time.perf_counter() - start < 4  # 0.1 s where nothing else runs; Kopf waits for 5 s for what hangs


def test_an_operator_stops_at_once_in_a_thread(kmock: KubernetesCluster, operator: Operator) -> None:
    @kopf.on.event(*KEY, registry=operator.registry)
    async def look(**_: Any) -> None:
        pass

    with operator.beside():
        kmock['watch', WEBSITES].wait_sync(timeout=10)
        start = time.perf_counter()
    assert time.perf_counter() - start < 4


async def test_startup_and_cleanup_are_around_all_else(kmock: KubernetesCluster, operator: Operator) -> None:
    @kopf.on.startup(registry=operator.registry)
    async def begin(**_: Any) -> None:
        operator.calls.note('startup', requests=len(kmock['get']))

    @kopf.on.cleanup(registry=operator.registry)
    async def end(**_: Any) -> None:
        operator.calls.note('cleanup', requests=len(kmock['get']))

    @kopf.on.event(*KEY, registry=operator.registry)
    async def look(**_: Any) -> None:
        pass

    async with operator.running(kmock):
        assert (await operator.calls.next('startup'))['requests'] == 0
        await kmock['watch', WEBSITES].wait(timeout=10)
        assert not operator.calls.left('cleanup')
    assert (await operator.calls.next('cleanup'))['requests'] == len(kmock['get'])


async def test_an_operator_finds_its_cluster_by_data_too(kmock: KubernetesCluster) -> None:
    kmock.load(DEFINITION, website())
    operator = Operator(login=False)
    (cluster,), (user,) = kmock.kubeconfig()['clusters'], kmock.kubeconfig()['users']

    @kopf.on.login(registry=operator.registry)
    async def login(**_: Any) -> kopf.ConnectionInfo:
        return kopf.ConnectionInfo(server=cluster['cluster']['server'], token=user['user']['token'])

    @kopf.on.event(*KEY, registry=operator.registry)
    async def look(**kwargs: Any) -> None:
        operator.calls.note('look', **kwargs)

    async with operator.running(kmock):
        assert (await operator.calls.next('look'))['name'] == 'tea'
    assert kmock['list', WEBSITES][0].headers['Authorization'] == 'Bearer kmock'
