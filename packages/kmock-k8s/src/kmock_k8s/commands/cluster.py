"""Asking a real cluster, as the kubeconfig says: by the official client, which knows all the ways to log in."""

import json
import os
from importlib import import_module
from types import TracebackType
from typing import Any, cast

from kmock_core import KMockError

DEFAULT_CONFIG = '~/.kube/config'
INSTALL = "pip install 'kmock-k8s[fetch]'"

_TIMEOUT = 30


class ClientMissing(KMockError):
    """The client library is not installed."""


class NoCluster(KMockError):
    """There is no kubeconfig, or it can't be used."""


class ClusterError(KMockError):
    """The cluster does not answer, or refuses; `status` is that of HTTP, or 0."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class Cluster:
    """A connection to the cluster of a kubeconfig, or to the one that the process runs in.

    Args:
        kubeconfig: a file; by default those in ``KUBECONFIG``, or ``~/.kube/config``, or that of a service account.
        context: its name in the kubeconfig; by default the current one.

    Raises:
        ClientMissing: the client library is not installed.
        NoCluster: there is no kubeconfig, or it can't be used.
    """

    def __init__(self, kubeconfig: str | None = None, context: str | None = None) -> None:
        configuration, self._client = _connect(kubeconfig, context)
        self.url: str = configuration.host.rstrip('/')
        self._configuration = configuration

    def __enter__(self) -> 'Cluster':
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._client.rest_client.pool_manager.clear()
        self._client.close()

    def read(self, path: str) -> dict[str, Any]:
        """The JSON object that the cluster has at a path; a `ClusterError` if it has none."""
        settings = self._configuration.auth_settings().values()
        headers = {setting['key']: setting['value'] for setting in settings if setting['value']}
        headers['Accept'] = 'application/json'
        url = self.url + path
        try:
            response = self._client.rest_client.request('GET', url, headers=headers, _request_timeout=_TIMEOUT)
            body = response.read() if response.data is None else response.data
        except import_module('kubernetes.client').ApiException as exc:
            if exc.status:
                raise _refuse(url, exc.status, exc.reason, exc.body) from exc
            raise ClusterError(f'{self.url} does not answer: {_explain(exc)}') from exc
        except (import_module('urllib3.exceptions').HTTPError, OSError, ValueError) as exc:
            raise ClusterError(f'{self.url} does not answer: {_explain(exc)}') from exc
        if response.status >= 300:
            raise _refuse(url, response.status, response.reason, body)
        return _parse(url, body)


def _connect(kubeconfig: str | None, context: str | None) -> tuple[Any, Any]:
    try:
        library: Any = import_module('kubernetes.client')
        loader: Any = import_module('kubernetes.config')
    except ImportError as exc:
        raise ClientMissing(f'this needs the Kubernetes client: {INSTALL}') from exc
    configuration = library.Configuration()
    configuration.retries = False  # else a server that is down is tried, and warned of, several times
    given = kubeconfig or os.environ.get('KUBECONFIG') or DEFAULT_CONFIG
    paths = [given] if kubeconfig else given.split(os.pathsep)
    found = any(os.path.exists(os.path.expanduser(path)) for path in paths)  # noqa: PTH110, PTH111 - texts of the shell
    if not found and (kubeconfig or context or 'KUBERNETES_SERVICE_HOST' not in os.environ):
        raise NoCluster(f'there is no kubeconfig: {given} (set KUBECONFIG, or use --kubeconfig FILE)')
    try:
        if found:
            loader.load_kube_config(config_file=given, context=context, client_configuration=configuration)
        else:
            loader.load_incluster_config(client_configuration=configuration)
    except Exception as exc:  # of YAML, of files, of wrong types: all of it is about the configuration
        what = f'the kubeconfig {given}' if found else 'the cluster that this runs in'
        raise NoCluster(f'{what} can not be used: {_explain(exc)}') from exc
    return configuration, library.ApiClient(configuration)


def _refuse(url: str, status: int, reason: str, body: Any) -> ClusterError:
    try:
        message = json.loads(body)['message']
    except (ValueError, TypeError, KeyError):
        message = reason
    return ClusterError(f'{url} is refused: {status} {" ".join(str(message).split())}', status)


def _parse(url: str, body: Any) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError as exc:
        raise ClusterError(f'{url} is no JSON, so that this is no Kubernetes API: {exc}') from exc
    if not isinstance(document, dict):
        raise ClusterError(f'{url} is no JSON object, so that this is no Kubernetes API')
    return cast('dict[str, Any]', document)


def _explain(exc: BaseException) -> str:
    """What went wrong in the first place, in one line: libraries wrap it several times."""
    while (cause := exc.__cause__ or exc.__context__) is not None:
        exc = cause
    return ' '.join(str(exc).split()) or type(exc).__name__
