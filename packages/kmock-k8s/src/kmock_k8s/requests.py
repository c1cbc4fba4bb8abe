"""The requests that Kubernetes handlers record: what they mean to the API, and the objects in their bodies."""

from typing import Any

from kmock_core import Request
from kmock_k8s.facet import KubernetesFacet
from kmock_k8s.model import actions, resources

_PROTOBUF = 'application/vnd.kubernetes.protobuf'
_YAML = frozenset({'application/yaml', 'application/apply-patch+yaml'})


class KubernetesRequest(Request):
    """A request with the Kubernetes API's view of it as typed attributes: what Kubernetes handlers record."""

    __slots__ = ()

    @property
    def data(self) -> Any:
        """The body as an object, whether it is JSON, YAML (the first document), or the protobuf of Go clients.

        Other bodies are as in all requests: the fields of a form, or None.
        """
        found = super().data
        return self.once('object', lambda: _read_object(self)) if found is None and self.body else found

    @property
    def action(self) -> 'actions.action | None':
        """What is done: LIST, WATCH, FETCH, CREATE, UPDATE, DELETE; None also for discovery."""
        return self.facet(KubernetesFacet).action

    @property
    def resource(self) -> 'resources.resource | None':
        """The resource, with its group, version and plural; None if it is not about one."""
        return self.facet(KubernetesFacet).resource

    @property
    def namespace(self) -> str | None:
        """The namespace; None also for requests of the whole cluster."""
        return self.facet(KubernetesFacet).namespace

    @property
    def name(self) -> str | None:
        """The name of the object; None for collections."""
        return self.facet(KubernetesFacet).name

    @property
    def subresource(self) -> str | None:
        """The subresource: ``status``, ``scale`` ..."""
        return self.facet(KubernetesFacet).subresource


def _read_object(request: Request) -> Any:
    if request.content_type == _PROTOBUF:
        from kmock_k8s import protobuf

        try:
            return protobuf.decode(request.body)
        except (protobuf.ProtobufError, RecursionError):
            return None
    if request.content_type in _YAML:
        from kmock_k8s.manifests.yaml import parse_yaml

        try:
            found: Any = next(iter(parse_yaml(request.text)), None)
        except (ValueError, RecursionError):
            return None
        return None if isinstance(found, str) else found  # almost any text is one of YAML too
    return None
