"""The file by which clients of Kubernetes find a server: the kubeconfig."""

import base64
import json
import os
import tempfile
from os import PathLike
from pathlib import Path
from typing import Any

from kmock_k8s.errors import KubeconfigError

NAME = 'kmock'
"""The name of the cluster, of its user and of the context."""


def kubeconfig(
    url: str, ca: bytes | None = None, token: str | None = NAME, namespace: str = 'default'
) -> dict[str, Any]:
    """A kubeconfig with one cluster, as data.

    Args:
        url: where the server is.
        ca: the authority that clients have to trust, in PEM; needed for https.
        token: what clients show as their bearer token. A server that does not tell users apart takes any, and none too;
            but over https, kubectl asks for a username if there is none.
        namespace: the one that is meant where none is said.
    """
    cluster: dict[str, Any] = {'server': url}
    if ca is not None:
        cluster['certificate-authority-data'] = base64.b64encode(ca).decode('ascii')
    elif url.startswith('http://'):
        cluster['insecure-skip-tls-verify'] = True  # else the client for Node.js refuses plain http
    return {
        'apiVersion': 'v1',
        'kind': 'Config',
        'clusters': [{'name': NAME, 'cluster': cluster}],
        'users': [{'name': NAME, 'user': {} if token is None else {'token': token}}],
        'contexts': [{'name': NAME, 'context': {'cluster': NAME, 'user': NAME, 'namespace': namespace}}],
        'current-context': NAME,
    }


def write_kubeconfig(
    path: str | PathLike[str],
    url: str,
    ca: bytes | None = None,
    token: str | None = NAME,
    namespace: str = 'default',
) -> None:
    """Write a kubeconfig, readable for its owner alone; only one of an earlier server of KMock is overwritten.

    Raises:
        KubeconfigError: there is a file already that is something else.
        OSError: it can't be written.
    """
    place = Path(os.path.realpath(path))
    if place.exists() and not is_own(place):
        raise KubeconfigError(
            f'{path} is there, and is not a kubeconfig of kmock: name another file, or remove that one'
        )
    content = json.dumps(kubeconfig(url, ca, token, namespace), indent=2) + '\n'
    try:
        handle, temporary = tempfile.mkstemp(prefix=f'.{place.name}.', dir=place.parent)  # of mode 0600
    except OSError as exc:
        raise OSError(exc.errno, exc.strerror, os.fspath(path)) from exc
    try:
        with os.fdopen(handle, 'w', encoding='utf-8') as file:
            file.write(content)
        os.replace(temporary, place)  # noqa: PTH105 - at once: nobody reads half of it
    except BaseException:
        os.unlink(temporary)  # noqa: PTH108
        raise


def is_own(path: Path) -> bool:
    """True for a kubeconfig of nothing but KMock, also one that was changed by ``kubectl config``; or an empty file."""
    from kmock_k8s.manifests.yaml import parse_yaml

    if not path.is_file():
        return False
    try:
        documents = [document for document in parse_yaml(path.read_text('utf-8')) if document is not None]
        return not documents or [cluster['name'] for cluster in documents[0]['clusters']] == [NAME]
    except (ValueError, KeyError, TypeError):
        return False
