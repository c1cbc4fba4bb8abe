"""What ``kmock serve`` asks of a Kubernetes handler, and tests may too: see the protocols in `kmock_core.spi`."""

from os import PathLike
from pathlib import Path
from typing import Any, Protocol

from kmock_k8s.kubeconfig import NAME, kubeconfig, write_kubeconfig
from kmock_k8s.manifests.loading import load
from kmock_k8s.manifests.reading import Manifest, ManifestSource, in_order, read_sources
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.known import ResourcesArray
from kmock_k8s.objects.arrays import ObjectsArray
from kmock_k8s.objects.single import Object


class _Served(Protocol):
    """A handler with a running server."""

    @property
    def url(self) -> Any: ...
    @property
    def ca_path(self) -> str: ...
    @property
    def default_token(self) -> str | None: ...


class ServesClients:
    """A handler for clients that have a kubeconfig, and want to know all resources of Kubernetes."""

    resources: ResourcesArray

    @property
    def default_token(self) -> str | None:
        """The token of clients that are not told which to show."""
        return NAME

    def prepare_serving(self) -> None:
        """Know the resources of a current Kubernetes: the default of ``kmock serve``."""
        self.resources.load_bundled()

    def load_resources(self, path: str | PathLike[str], /) -> None:
        """Know the resources of a file; the same as ``kmock.resources.load_path(path)``."""
        self.resources.load_path(path)

    def kubeconfig(self: _Served, *, token: str | None = None) -> dict[str, Any]:
        """The configuration for clients of the running server, as data.

        Args:
            token: what the client shows as its bearer token. By default, that of somebody who may do everything, if the
                server tells its users apart; else it takes any.
        """
        return kubeconfig(str(self.url), _read_ca(self), self.default_token if token is None else token)

    def write_kubeconfig(self: _Served, path: str | PathLike[str], /, *, token: str | None = None) -> None:
        """Write the configuration for clients of the running server; it is for its owner alone.

        Args:
            path: where to.
            token: what the client shows, as for `kubeconfig`.

        Raises:
            KubeconfigError: there is a file already, and it is none of an earlier server of KMock.
        """
        write_kubeconfig(path, str(self.url), _read_ca(self), self.default_token if token is None else token)


class LoadsManifests:
    """A handler that has objects, which may come from manifests."""

    resources: ResourcesArray
    objects: ObjectsArray

    def load(self, *sources: ManifestSource) -> list[Object]:
        """Store the objects of manifests, as people write them for kubectl.

        ``kmock.load('deploy/', {'apiVersion': 'v1', 'kind': 'ConfigMap', …}, Path('crds.yaml'))`` returns the objects
        in the order they are given in. It can be called at any time, from any thread; it is no request, so that no rule
        sees it.

        Namespaces are stored first, then definitions of custom resources, then the rest as it comes. An object of a
        namespaced resource that names no namespace becomes one of ``default``. It is all or nothing.

        Args:
            sources: paths of files (YAML or JSON, with any number of documents) and of folders (all their ``*.yaml``,
                ``*.yml`` and ``*.json``, at any depth, in the order of names, but no hidden ones); objects as
                dictionaries, also lists of the API; iterables of all these, such as that of
                ``yaml.safe_load_all(text)``.

        Raises:
            ManifestError: something is no object, or of no known kind, or is refused; the message says where it is
                written, and why. Nothing of all is stored then.
            OSError: a file can't be read.
        """
        given = read_sources(sources)
        ordered = in_order(given)
        keys = dict(zip(map(id, ordered), self._store_manifests(ordered), strict=True))
        return [self.objects[keys[id(manifest)]] for manifest in given]

    def load_path(self, *paths: str | PathLike[str]) -> int:
        """Store the objects of files and folders; returns how many they are. `load` takes more than paths."""
        return len(self.load(*paths))

    def _store_manifests(self, manifests: list[Manifest]) -> list[ObjectKey]:
        return load(manifests, self.resources, self.objects)


def _read_ca(handler: _Served) -> bytes | None:
    return Path(handler.ca_path).read_bytes() if str(handler.url).startswith('https:') else None
