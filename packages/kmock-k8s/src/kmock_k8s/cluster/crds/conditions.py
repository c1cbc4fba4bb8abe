"""The status of a definition: which names it has got, and how far it is."""

from collections.abc import Iterable
from typing import Any

from kmock_k8s.cluster.crds.definitions import Definition, as_object
from kmock_k8s.model.encoding import JSONObject

NAMES_ACCEPTED = 'NamesAccepted'
ESTABLISHED = 'Established'
TERMINATING = 'Terminating'

NO_STATUS: JSONObject = {'conditions': None, 'acceptedNames': {'plural': '', 'kind': ''}}
"""What a definition has before anybody has looked at it."""

_LISTS = ('shortNames', 'categories')


def find_condition(content: JSONObject, name: str) -> JSONObject:
    """A condition of a definition; an empty one if there is none."""
    conditions: list[JSONObject] = as_object(content.get('status')).get('conditions') or []
    absent: JSONObject = {}
    return next((one for one in conditions if one.get('type') == name), absent)


def is_established(content: JSONObject) -> bool:
    """Whether the kind of a definition is served."""
    return find_condition(content, ESTABLISHED).get('status') == 'True'


def with_condition(status: JSONObject, now: str, name: str, holds: bool, reason: str, message: str) -> JSONObject:
    """The status with a condition set; the time is that of the last change between true and false."""
    text = 'True' if holds else 'False'
    known: list[JSONObject] = status.get('conditions') or []
    previous = find_condition({'status': status}, name)
    since = previous.get('lastTransitionTime') if previous.get('status') == text else now
    made = {'type': name, 'status': text, 'lastTransitionTime': since or now, 'reason': reason, 'message': message}
    if previous:
        return {**status, 'conditions': [made if one is previous else one for one in known]}
    return {**status, 'conditions': [*known, made]}


def name_status(definition: Definition, others: Iterable[Definition], now: str) -> JSONObject:
    """The status of a definition with the names that it gets: those that no other one of its group has got."""
    status: JSONObject = {**NO_STATUS, **as_object(definition.content.get('status'))}
    wanted = definition.names
    got: JSONObject = as_object(status.get('acceptedNames'))
    taken, kinds = set[str](), set[str]()
    for other in others:
        names = as_object(as_object(other.content.get('status')).get('acceptedNames'))
        taken.update(filter(None, (names.get('plural'), names.get('singular'), *(names.get('shortNames') or ()))))
        kinds.update(filter(None, (names.get('kind'), names.get('listKind'))))
    accepted: JSONObject = {}
    conflict: tuple[str, str] | None = None
    for field, pool in (
        ('plural', taken),
        ('singular', taken),
        ('shortNames', taken),
        ('kind', kinds),
        ('listKind', kinds),
    ):
        value: Any = wanted.get(field)
        mine: list[Any] = (got.get(field) if field in _LISTS else [got.get(field)]) or []
        asked: list[Any] = (value if field in _LISTS else [value]) or []
        clashes = [f'"{one}" is already in use' for one in asked if one and one not in mine and one in pool]
        if clashes:
            text = clashes[0] if len({*clashes}) == 1 else f'[{", ".join(dict.fromkeys(clashes))}]'
            conflict = f'{field[0].upper()}{field[1:]}Conflict', text
            value = got.get(field)
        if value:
            accepted[field] = value
    if wanted.get('categories'):
        accepted['categories'] = wanted['categories']
    order = ('plural', 'singular', 'shortNames', 'kind', 'listKind', 'categories')
    status['acceptedNames'] = {'plural': '', 'kind': '', **{key: accepted[key] for key in order if key in accepted}}
    if conflict is None:
        return with_condition(status, now, NAMES_ACCEPTED, True, 'NoConflicts', 'no conflicts found')
    return with_condition(status, now, NAMES_ACCEPTED, False, *conflict)


def establish(status: JSONObject, now: str) -> JSONObject:
    """The status with what follows from the names: whether the kind is served."""
    conditions: list[JSONObject] = status.get('conditions') or []
    holds = {one['type']: one['status'] == 'True' for one in conditions}
    if holds.get(ESTABLISHED):
        return status
    if not holds.get(NAMES_ACCEPTED):
        return with_condition(status, now, ESTABLISHED, False, 'NotAccepted', 'not all names are accepted')
    message = 'the initial names have been accepted'
    if ESTABLISHED not in holds:
        status = with_condition(status, now, ESTABLISHED, False, 'Installing', message)
    return with_condition(status, now, ESTABLISHED, True, 'InitialNamesAccepted', message)
