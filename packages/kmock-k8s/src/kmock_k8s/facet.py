"""The reading of requests as those of the Kubernetes API."""

from collections.abc import Mapping
from typing import Any

from kmock_core import Request
from kmock_k8s.model import actions, resources
from kmock_k8s.model.metadata import metadata_of
from kmock_k8s.model.urls import Location, locate


class KubernetesFacet:
    """What a request is about, as the Kubernetes API means it; all None for the requests of other APIs.

    The parts come from the URL. For a POST, the namespace and the name that the URL lacks come from the metadata of the
    object in the body.
    """

    __slots__ = ('action', 'name', 'namespace', 'resource', 'subresource')

    action: 'actions.action | None'
    """What is done: LIST, WATCH, FETCH, CREATE, UPDATE, DELETE; None also for discovery."""
    resource: 'resources.resource | None'
    """The resource, with its group, version and plural."""
    namespace: str | None
    """The namespace; None also for requests of the whole cluster."""
    name: str | None
    """The name of the object; None for collections."""
    subresource: str | None
    """The subresource: ``status``, ``scale`` ..."""

    def __init__(self, request: Request, location: Location) -> None:
        self.action = actions.action_of(request.method_name, location, request.target)
        self.resource = location.resource
        self.namespace = location.namespace
        self.name = location.name
        self.subresource = location.subresource

    @classmethod
    def parse(cls, request: Request, /) -> 'KubernetesFacet':
        """Read any request; nothing makes it fail."""
        facet = cls(request, locate(request.target))
        if facet.action is actions.CREATE and (facet.name is None or facet.namespace is None):
            metadata = metadata_of(request.data)
            facet.name = facet.name or _text_in(metadata, 'name')
            facet.namespace = facet.namespace or _text_in(metadata, 'namespace')
        return facet

    def __repr__(self) -> str:
        shown = ', '.join(f'{name}={value}' for name in self.__slots__ if (value := getattr(self, name)) is not None)
        return f'KubernetesFacet({shown})'


def _text_in(metadata: Mapping[str, Any], key: str) -> str | None:
    value = metadata.get(key)
    return value if isinstance(value, str) and value else None
