"""The resources that the rules of a test are about: they need not be declared once more."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Any, cast

from kmock_core.views.chained import Chained, Filter
from kmock_core.views.groups import Group
from kmock_k8s.criteria import K8sCriteria
from kmock_k8s.model.resources import resource


def mentioned_resources(view: Any) -> Iterator[resource]:
    """The full resources in the criteria of a view, but not in those of what it excludes."""
    known: Any = view
    if isinstance(view, Filter) and isinstance(known.criteria, K8sCriteria):
        given: Any = known.criteria.resource
        items = cast('AbstractSet[Any]', given) if isinstance(given, (AbstractSet, list, tuple)) else (given,)
        yield from (item for item in items if isinstance(item, resource) and item.full)
    if isinstance(view, Chained):
        yield from mentioned_resources(known.source)
    if isinstance(view, Group):
        for source in known.sources:
            yield from mentioned_resources(source)
