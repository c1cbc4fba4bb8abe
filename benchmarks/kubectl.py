"""A flow of kubectl against ``kmock serve``: what each command takes beyond the start of kubectl itself.

The environment variable ``KMOCK_REAL_KUBECONFIG`` may name the kubeconfig of a real cluster: then the same is done
there, in namespaces of its own, which are deleted afterwards; and the two are compared.
"""

import json
import os
import secrets
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.programs import find_kubectl
from benchmarks.report import Figure

ROUNDS = 3

DEPLOYMENT: dict[str, Any] = {
    'apiVersion': 'apps/v1',
    'kind': 'Deployment',
    'metadata': {'name': 'web', 'labels': {'app': 'web'}},
    'spec': {
        'replicas': 0,
        'selector': {'matchLabels': {'app': 'web'}},
        'template': {
            'metadata': {'labels': {'app': 'web'}},
            'spec': {'containers': [{'name': 'main', 'image': 'nginx:1', 'env': [{'name': 'A', 'value': '1'}]}]},
        },
    },
}
DEFINITION: dict[str, Any] = {
    'apiVersion': 'apiextensions.k8s.io/v1',
    'kind': 'CustomResourceDefinition',
    'metadata': {'name': 'samples.benchmark.kmock.dev'},
    'spec': {
        'group': 'benchmark.kmock.dev',
        'scope': 'Namespaced',
        'names': {'plural': 'samples', 'kind': 'Sample'},
        'versions': [
            {
                'name': 'v1',
                'served': True,
                'storage': True,
                'subresources': {'status': {}},
                'schema': {
                    'openAPIV3Schema': {
                        'type': 'object',
                        'properties': {
                            'spec': {'type': 'object', 'properties': {'size': {'type': 'integer'}}},
                            'status': {'type': 'object', 'x-kubernetes-preserve-unknown-fields': True},
                        },
                    }
                },
            }
        ],
    },
}
SAMPLE: dict[str, Any] = {
    'apiVersion': 'benchmark.kmock.dev/v1',
    'kind': 'Sample',
    'metadata': {'name': 'one'},
    'spec': {'size': 1},
}
FILES = {'web.json': DEPLOYMENT, 'crd.json': DEFINITION, 'sample.json': SAMPLE}

FLOW = """
    create configmap settings --from-literal=a=1
    create secret generic keys --from-literal=b=2
    create serviceaccount robot
    create role reader --verb=get --resource=pods
    create rolebinding readers --role=reader --serviceaccount=default:robot
    apply -f web.json
    apply -f web.json
    get deployments
    get deployment web -o yaml
    get all
    get all -o wide
    get configmaps,secrets --show-labels
    get pods -l app=web
    label deployment web tier=front
    annotate deployment web note=x
    patch deployment web -p {"metadata":{"labels":{"a":"b"}}}
    patch deployment web --type=merge -p {"metadata":{"labels":{"a":"c"}}}
    patch deployment web --type=json -p [{"op":"remove","path":"/metadata/labels/a"}]
    set image deployment/web main=nginx:2
    set env deployment/web B=2
    scale deployment web --replicas=0
    expose deployment web --port=80
    describe deployment web
    describe service web
    rollout pause deployment/web
    rollout resume deployment/web
    rollout history deployment/web
    diff -f web.json
    replace -f web.json
    apply --server-side --force-conflicts -f web.json
    apply -f crd.json
    wait --for=condition=Established crd/samples.benchmark.kmock.dev
    apply -f sample.json
    get samples
    patch sample one --type=merge -p {"spec":{"size":2}}
    patch sample one --type=merge --subresource=status -p {"status":{"ready":"yes"}}
    wait sample/one --for=jsonpath={.status.ready}=yes
    explain deployment.spec
    api-resources
    api-versions
    events
    auth can-i create pods
    delete -f sample.json
    delete configmap settings
    delete deployment web
    delete -f crd.json
"""
"""The commands, one for each line; their words are separated by spaces."""

DIFFERS = 'diff'
"""The command that ends with 1 where there are differences."""


class Kubectl:
    """kubectl with a kubeconfig, in a folder with the manifests.

    Args:
        program: its path.
        kubeconfig: the path of the kubeconfig.
        place: the folder; it has the cache of kubectl, too.
    """

    def __init__(self, program: str, kubeconfig: str, place: Path) -> None:
        self._command = [program, '--kubeconfig', kubeconfig, '--cache-dir', str(place / 'cache')]
        self._place = place
        for name, manifest in FILES.items():
            (place / name).write_text(json.dumps(manifest))

    def run(self, *words: str) -> float:
        """The milliseconds that a command takes; it has to succeed."""
        start = time.perf_counter()
        done = subprocess.run([*self._command, *words], cwd=self._place, capture_output=True, text=True, check=False)
        spent = (time.perf_counter() - start) * 1e3
        assert done.returncode <= (DIFFERS in words), f'kubectl {" ".join(words)}: {done.stderr}'
        return spent


def run_flow(program: str, kubeconfig: str) -> float:
    """Milliseconds for each command of the flow, over those of the start of kubectl: the median of some rounds."""
    commands = [line.split() for line in FLOW.strip().splitlines()]
    spent: list[float] = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as place:
            kubectl = Kubectl(program, kubeconfig, Path(place))
            starts = sum(kubectl.run('version', '--client') for _ in commands)
            namespace = f'kmock-benchmark-{secrets.token_hex(4)}'
            kubectl.run('create', 'namespace', namespace)
            try:
                flow = sum(kubectl.run('--namespace', namespace, *words) for words in commands)
            finally:
                kubectl.run('delete', '-f', 'crd.json', '--ignore-not-found', '--wait=false')
                kubectl.run('delete', 'namespace', namespace, '--wait=false')
        spent.append((flow - starts) / len(commands))
    return statistics.median(spent)


def run_served(program: str) -> float:
    """The same against ``kmock serve``."""
    with tempfile.TemporaryDirectory() as place:
        kubeconfig = str(Path(place, 'kubeconfig'))
        command = [sys.executable, '-m', 'kmock', 'serve', '--handler', 'k8s-cluster', '--kubeconfig', kubeconfig]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
            try:
                assert server.stdout is not None
                server.stdout.readline()  # it is ready
                return run_flow(program, kubeconfig)
            finally:
                server.send_signal(signal.SIGTERM)


def run() -> Iterator[Figure]:
    """All figures of kubectl; none where it is not installed."""
    program = find_kubectl()
    if program is None:
        print('kubectl is not installed', file=sys.stderr)
        return
    mine = run_served(program)
    yield Figure('kubectl: a command against kmock serve, ms over the start of kubectl', mine)
    if real := os.environ.get('KMOCK_REAL_KUBECONFIG'):
        theirs = run_flow(program, real)
        yield Figure('kubectl: a command against the real cluster, ms over the start of kubectl', theirs)
        yield Figure('kubectl: how many times the real cluster takes', theirs / mine, at_least=3)
