"""What strings and objects of Kubernetes mean in the brackets: ``kmock['list pods.v1']``, ``kmock[kmock.LIST]``."""

from types import NotImplementedType

from kmock_core import Criteria
from kmock_core.values.methods import STANDARD_METHODS
from kmock_k8s.criteria import PRECISE_RESOURCE, RESOURCE, K8sCriteria
from kmock_k8s.errors import ResourceNotationError
from kmock_k8s.model.actions import action
from kmock_k8s.model.resources import is_selectable, resource

SUBRESOURCES = frozenset({
    'approval', 'attach', 'binding', 'ephemeralcontainers', 'eviction', 'exec', 'finalize', 'log', 'portforward',
    'proxy', 'resize', 'scale', 'status', 'token',
})  # fmt: skip
"""All that there are in Kubernetes: nothing else after a slash is meant for one."""


class KubernetesNotation:
    """Actions and resources, in texts and by themselves; what the notation of HTTP has left of texts.

    ================================  ===================================================================
    ``'list'``                        an action, in any case; but ``'delete'`` is the HTTP method
    ``'list pods'``, ``'get pods'``   an action or a method, and any notation of a resource
    ``'v1/pods'``, ``'pods.v1'``      a full resource
    ``'patch pods/status'``           the same with a subresource of Kubernetes; also ``'v1/pods/status'``
    ``resource('pods')``, ``LIST``    the words of the DSL, and other objects that select resources
    ================================  ===================================================================
    """

    order = 400

    def parse(self, item: object, /) -> 'Criteria | NotImplementedType':
        """The criteria of such a text or object."""
        if isinstance(item, action):
            return K8sCriteria(action=item)
        if isinstance(item, str):
            criteria = parse_text(item)
            return NotImplemented if criteria is None else criteria
        return K8sCriteria(resource=item) if isinstance(item, resource) or is_selectable(item) else NotImplemented


def parse_text(text: str) -> K8sCriteria | None:
    """Read ``'list'``, ``'list pods'``, ``'post v1/pods/status'``, ``'v1/pods'``; None if it is none of these."""
    match text.split():
        case [word] if word.upper() in action.__members__:
            return K8sCriteria(action=word)
        case [word] if PRECISE_RESOURCE.fullmatch(_split(word)[0]):
            return _parse_resource(word)
        case [verb, word] if RESOURCE.fullmatch(word):
            if verb.upper() in action.__members__:
                return _parse_resource(word, action=verb)
            if verb.upper() in STANDARD_METHODS:
                return _parse_resource(word, method=verb)
        case _:
            pass
    return None


def _parse_resource(word: str, **fields: str) -> K8sCriteria | None:
    one, subresource = _split(word)
    try:
        return K8sCriteria(resource=one, subresource=subresource or ..., **fields)
    except ResourceNotationError:
        return None


def _split(word: str) -> tuple[str, str]:
    """The resource and the subresource in ``'pods/status'``; empty if there is none."""
    head, _, tail = word.rpartition('/')
    if tail in SUBRESOURCES:
        try:
            if resource(head).plural is not None:
                return head, tail
        except ResourceNotationError:
            pass
    return word, ''


KUBERNETES = KubernetesNotation()
