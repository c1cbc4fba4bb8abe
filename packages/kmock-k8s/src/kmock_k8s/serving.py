"""What ``kmock serve`` asks of a Kubernetes handler, and tests may too: see the protocols in `kmock_core.spi`."""

from os import PathLike
from pathlib import Path
from typing import Any, Protocol

from kmock_k8s.kubeconfig import kubeconfig, write_kubeconfig
from kmock_k8s.manifests.loading import load
from kmock_k8s.manifests.reading import in_order, read_manifests
from kmock_k8s.model.known import ResourcesArray
from kmock_k8s.objects.arrays import ObjectsArray


class _Served(Protocol):
    """A handler with a running server."""

    @property
    def url(self) -> Any: ...
    @property
    def ca_path(self) -> str: ...


class ServesClients:
    """A handler for clients that have a kubeconfig, and want to know all resources of Kubernetes."""

    resources: ResourcesArray

    def prepare_serving(self) -> None:
        """Know the resources of a current Kubernetes: the default of ``kmock serve``."""
        self.resources.load_bundled()

    def load_resources(self, path: str | PathLike[str], /) -> None:
        """Know the resources of a file; the same as ``kmock.resources.load_path(path)``."""
        self.resources.load_path(path)

    def kubeconfig(self: _Served) -> dict[str, Any]:
        """The configuration for clients of the running server, as data."""
        return kubeconfig(str(self.url), _read_ca(self))

    def write_kubeconfig(self: _Served, path: str | PathLike[str], /) -> None:
        """Write the configuration for clients of the running server; it is for its owner alone.

        Raises:
            KubeconfigError: there is a file already, and it is none of an earlier server of KMock.
        """
        write_kubeconfig(path, str(self.url), _read_ca(self))


class LoadsManifests:
    """A handler that has objects, which may come from files."""

    resources: ResourcesArray
    objects: ObjectsArray

    def load_path(self, *paths: str | PathLike[str]) -> int:
        """Store the objects of manifests: YAML or JSON files, or folders of them; returns how many they are.

        It is all or nothing. Resources are known by ``kmock.resources``, by the definitions among the manifests, and
        those of Kubernetes in any case. An object of a namespaced resource that names no namespace becomes one of
        ``default``, as with kubectl.

        Raises:
            ManifestError: something in a file is no object, or of no known kind; the message says where.
        """
        manifests = [manifest for path in paths for manifest in read_manifests(path)]
        return load(in_order(manifests), self.resources, self.objects)


def _read_ca(handler: _Served) -> bytes | None:
    return Path(handler.ca_path).read_bytes() if str(handler.url).startswith('https:') else None
