"""``kmock fetch resources``: the resources of a real cluster, as a file for ``kmock.resources.load_path()``."""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kmock_k8s.commands.globs import Glob, NothingMatched, choose, excluding, including
from kmock_k8s.model.versions import root_of

if TYPE_CHECKING:
    from kmock_k8s.commands.cluster import Cluster
    from kmock_k8s.model.known import ResourcesArray

_RESOURCES_HELP = 'write what a cluster knows of its resources, for kmock.resources.load_path()'
_RESOURCES_MORE = """
Chosen are the groups core, apps, autoscaling, batch, policy, *.k8s.io, and then what the globs say, from left to right:
the last one that matches a version of a group decides. A glob is a group, or group/version; the core group is written
as core, core/v1 or v1. To fetch one group alone: -x '*' -i kopf.dev
"""


class Fetch:
    """Fetches things from a real cluster: its resources."""

    help = 'fetch the definitions of resources from a cluster'

    def configure(self, parser: ArgumentParser, /) -> None:
        """Add the arguments."""
        things = parser.add_subparsers(dest='thing', metavar='thing', required=True)
        resources = things.add_parser(
            'resources', help=_RESOURCES_HELP, description=_RESOURCES_HELP, epilog=_RESOURCES_MORE
        )
        add = resources.add_argument
        add(
            '-o',
            '--output',
            metavar='FILE',
            type=Path,
            help='compressed by its suffix: .gz .bz2 .xz .zst; default: stdout',
        )
        add('-i', '--include', metavar='GLOB', dest='globs', action='append', type=including, help='fetch these too')
        add('-x', '--exclude', metavar='GLOB', dest='globs', action='append', type=excluding, help='do not fetch these')
        add(
            '--kubeconfig',
            metavar='FILE',
            help='default: $KUBECONFIG, ~/.kube/config, or the cluster that this runs in',
        )
        add('--context', metavar='NAME', help='a context of the kubeconfig; default: the current one')

    def run(self, args: Namespace, /) -> int:
        """Do it; bad arguments, and a client library that is not there, are 2, other failures 1."""
        return _fetch_resources(args.output, args.globs or (), args.kubeconfig, args.context)


FETCH = Fetch()


def _fetch_resources(output: Path | None, globs: Sequence[Glob], kubeconfig: str | None, context: str | None) -> int:
    from kmock_k8s.commands.cluster import ClientMissing, Cluster, ClusterError, NoCluster
    from kmock_k8s.model.loading import compress

    try:
        compress(b'', '' if output is None else output.suffix)  # is there a library for that?
        with Cluster(kubeconfig, context) as cluster:
            found, versions = fetch(cluster, globs)
            content = compress(_render(found), '' if output is None else output.suffix)
            if output is None:
                sys.stdout.write(content.decode('utf-8'))
            else:
                output.write_bytes(content)
    except (ClientMissing, ModuleNotFoundError, NothingMatched) as exc:
        return _fail(exc, 2)
    except (NoCluster, ClusterError, OSError) as exc:
        return _fail(exc, 1)
    place = '' if output is None else f' in {output}'
    _tell(f'{len(found)} resources of {versions} API versions from {cluster.url}{place}')
    return 0


def fetch(cluster: 'Cluster', globs: Sequence[Glob] = ()) -> 'tuple[ResourcesArray, int]':
    """The resources of the API groups and versions that are chosen, and how many versions these are.

    Versions that the cluster can't tell of now are skipped with a warning: those of servers that it only delegates to.

    Raises:
        NothingMatched: the globs include nothing that the cluster has.
        ClusterError: it does not answer, or refuses.
    """
    from kmock_k8s.commands.cluster import ClusterError
    from kmock_k8s.model.known import ResourcesArray

    resources = ResourcesArray()
    count = 0
    chosen = choose(_list_versions(cluster), globs)
    if globs and not chosen:
        raise NothingMatched("the globs leave nothing to fetch; after -x '*', include something: -i kopf.dev")
    for group, version in chosen:
        path = root_of(group, version)
        try:
            document = cluster.read(path)
        except ClusterError as exc:
            if exc.status not in {404, 503}:
                raise
            _tell(f'skipped: {exc}')
            continue
        resources.load_data(
            {'groupVersion': f'{group}/{version}'.lstrip('/'), 'resources': document.get('resources') or []}
        )
        count += 1
    return resources, count


def _list_versions(cluster: 'Cluster') -> list[tuple[str, str]]:
    from kmock_k8s.commands.cluster import ClusterError

    core, others = cluster.read('/api'), cluster.read('/apis')
    try:
        found = [('', version) for version in core['versions']]
        found += [(group['name'], item['version']) for group in others['groups'] for item in group['versions']]
    except (KeyError, TypeError) as exc:
        raise ClusterError(f'{cluster.url} is no Kubernetes API: its /api and /apis list no versions') from exc
    return found


def _render(resources: 'ResourcesArray') -> bytes:
    """JSON with a line for each resource, so that changes of a cluster make small changes of the file."""
    definitions: dict[str, Any] = dict(resources.dump_data())
    ordered = sorted(resources, key=lambda one: one.key)
    lines = [f'  {json.dumps(str(one))}: {json.dumps(definitions[str(one)])}' for one in ordered]
    return ('{\n' + ',\n'.join(lines) + '\n}\n').encode('utf-8')


def _fail(error: Exception, status: int) -> int:
    _tell(str(error))
    return status


def _tell(message: str) -> None:
    sys.stderr.write(f'kmock fetch resources: {message}\n')
