"""One request to the API about a resource, as the verbs see it."""

from functools import cached_property
from typing import TypeAlias

from kmock_core import Request
from kmock_k8s.api.describing import describe
from kmock_k8s.api.options import NO_OPTIONS, ListOptions, read_options
from kmock_k8s.api.selection import Selection
from kmock_k8s.model.info import ResourceInfo
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.known import ResourcesArray
from kmock_k8s.model.resources import resource
from kmock_k8s.model.urls import Location
from kmock_k8s.model.versions import api_version_of
from kmock_k8s.store.spi import ObjectStore
from kmock_k8s.store.states import State

Item: TypeAlias = tuple[ObjectKey, State]
"""Where an object is, and what it is."""


class Call:
    """What is asked for, and about what.

    Args:
        request: the request as it came.
        location: what its URL is about: a resource at least.
        resources: what is known of resources.
    """

    def __init__(self, request: Request, location: Location, one: resource, resources: ResourcesArray) -> None:
        self.request = request
        self.location = location
        self.resource = one
        self._resources = resources

    @property
    def api_version(self) -> str:
        """The group and the version as they stand in objects."""
        group, version, _ = self.resource.key
        return api_version_of(group, version)

    @property
    def info(self) -> ResourceInfo:
        """What is known of the resource, perhaps nothing."""
        return self._resources.get(self.resource) or ResourceInfo()

    @property
    def kind(self) -> str:
        """The kind of the objects, where it is not known too: what discovery tells."""
        return self.info.kind or describe(self.resource, self.info).kind

    @property
    def key(self) -> ObjectKey:
        """The object that the URL names; its namespace is None if the URL has none."""
        location = self.location
        return ObjectKey(self.resource, location.namespace, location.name or '')

    @property
    def dry_run(self) -> bool:
        """Whether it is only to be tried: then it is answered as ever, but nothing is stored."""
        return 'dryRun' in self.request.target and ('dryRun', 'All') in self.request.query_pairs

    @cached_property
    def options(self) -> ListOptions:
        """What the query asks for; a bad request if it is malformed."""
        return read_options(self.request.query_pairs) if '?' in self.request.target else NO_OPTIONS

    @cached_property
    def selection(self) -> Selection:
        """The objects that the URL and the selectors mean; a bad request if they are malformed."""
        return Selection(self.location, self.options.labels, self.options.fields)

    def find(self, store: ObjectStore) -> list[Item]:
        """The objects that are meant, as they are now, in the order of lists."""
        return self.arrange(self.selection.find(store, self.resource))

    def arrange(self, items: list[Item]) -> list[Item]:
        """Put objects in the order of lists: that of the store."""
        return items
