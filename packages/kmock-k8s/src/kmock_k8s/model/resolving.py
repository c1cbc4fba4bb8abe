"""From a part of a resource's name to the one known resource that it is about."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from kmock_k8s.errors import ResourceNotationError
from kmock_k8s.model.resources import ResourceKey, resource

Choose: TypeAlias = Callable[[Sequence[resource]], resource | None]
"""Gives the one of several resources that is meant, as where they are versions of one; None if it can be any."""


def resolve(item: ResourceKey, known: Iterable[resource], choose: Choose | None = None) -> resource:
    """The resource that is denoted: itself if it is a full one, else the only known one that it can be.

    Args:
        item: a resource, or a part of one.
        known: the resources that a part can mean.
        choose: says which one is meant, if it can be several.

    Raises:
        ResourceNotationError: several known resources are so, or none is; the message lists them.
    """
    wanted = item if isinstance(item, resource) else resource(item)
    if wanted.full:
        return wanted
    found = sorted({str(one): one for one in known if wanted.check(one)}.items())
    if len(found) == 1:
        return found[0][1]
    chosen = choose([one for _, one in found]) if found and choose is not None else None
    if chosen is not None:
        return chosen
    if found:
        message = f'{wanted} can be any of {", ".join(text for text, _ in found)}: type one of them in full'
    else:
        message = f"No known resource is {wanted}: type it in full, e.g. 'v1/pods' or 'kopf.dev/v1/kopfexamples'"
    raise ResourceNotationError(message, item)
