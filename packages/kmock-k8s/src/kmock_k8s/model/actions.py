"""What is done to a resource: the actions of the Kubernetes API, an enumeration that is open for any other."""

from enum import StrEnum

from kmock_core.values.boxes import Word
from kmock_core.values.methods import open_member
from kmock_k8s.model.urls import Location, is_watch


class action(Word, StrEnum):
    """What a request does to a resource, and a criterion for it: ``kmock[action.LIST]``, ``kmock[kmock.LIST]``.

    Unknown actions are members too, only unlisted ones; the case does not matter: ``action('list') == 'LIST'``.
    """

    LIST = 'LIST'
    """GET of a collection."""
    WATCH = 'WATCH'
    """GET with a true ``watch`` in the query; or with ``/watch`` after the version in the URL, as of old."""
    FETCH = 'FETCH'
    """GET of one object."""
    CREATE = 'CREATE'
    """POST."""
    UPDATE = 'UPDATE'
    """PATCH or PUT."""
    DELETE = 'DELETE'
    """DELETE of one object or of a collection."""

    @classmethod
    def _missing_(cls, value: object) -> 'action':
        return open_member(cls, value, "is not an action; type e.g. action('list'), or action('approve')")


LIST: action = action.LIST
WATCH: action = action.WATCH
FETCH: action = action.FETCH
CREATE: action = action.CREATE
UPDATE: action = action.UPDATE
DELETE: action = action.DELETE

_BY_METHOD = {'POST': CREATE, 'PUT': UPDATE, 'PATCH': UPDATE, 'DELETE': DELETE}


def action_of(method: str, location: Location, target: str) -> action | None:
    """What a request does; None if it is not about a resource, or with an odd method. HEAD is read as GET is."""
    if location.plural is None:
        return None
    if method == 'GET' and (location.is_watch or is_watch(target)):
        return WATCH
    if method == 'GET' or method == 'HEAD':
        return LIST if location.name is None else FETCH
    return _BY_METHOD.get(method)
