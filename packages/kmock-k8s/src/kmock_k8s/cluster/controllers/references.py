"""Who owns an object: its ``metadata.ownerReferences``."""

from typing import Any, NamedTuple, cast

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.metadata import metadata_of

FOREGROUND = 'foregroundDeletion'
"""The finalizer of an owner that stays until those are gone that it waits for."""
ORPHAN = 'orphan'
"""The finalizer of an owner that stays until nobody refers to it."""


class Reference(NamedTuple):
    """One owner of an object."""

    api_version: str
    kind: str
    name: str
    uid: str
    blocks: bool
    """Whether the owner waits for the object when it is deleted in the foreground."""


def references_of(content: Any) -> tuple[Reference, ...]:
    """The owners of an object; what says nothing of an owner is left out."""
    given: Any = metadata_of(content).get('ownerReferences')
    return tuple(_read(cast('JSONObject', item)) for item in _items(given) if isinstance(item, dict) and 'uid' in item)


def _items(given: Any) -> list[Any]:
    found: list[Any] = cast('Any', given) if isinstance(given, list) else []
    return found


def _read(item: JSONObject) -> Reference:
    api_version, kind, name, uid = (str(item.get(field, '')) for field in ('apiVersion', 'kind', 'name', 'uid'))
    return Reference(api_version, kind, name, uid, item.get('blockOwnerDeletion') is True)


def finalizers_of(content: Any) -> list[str]:
    """The finalizers of an object."""
    given: Any = metadata_of(content).get('finalizers')
    return [one for one in _items(given) if isinstance(one, str)]


def is_waiting(content: Any) -> bool:
    """Tell if an owner is deleted in the foreground: it waits for those it owns."""
    return bool(metadata_of(content).get('deletionTimestamp')) and FOREGROUND in finalizers_of(content)


def without(content: JSONObject, uids: set[str]) -> JSONObject:
    """The object without the references to some owners."""
    metadata = {**metadata_of(content)}
    references: list[JSONObject] = metadata.pop('ownerReferences', None) or []
    kept = [item for item in references if item.get('uid') not in uids]
    return {**content, 'metadata': {**metadata, 'ownerReferences': kept} if kept else metadata}


def unblocked(content: JSONObject) -> JSONObject:
    """The object with references for which no owner waits."""
    metadata = metadata_of(content)
    references: list[JSONObject] = metadata.get('ownerReferences') or []
    items = [{**item, 'blockOwnerDeletion': False} if item.get('blockOwnerDeletion') else item for item in references]
    return {**content, 'metadata': {**metadata, 'ownerReferences': items}}
