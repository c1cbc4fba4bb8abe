"""Which rules somebody has: through bindings, by their subjects (``rbac/validation/rule.go``)."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from kmock_k8s.cluster.access.rules import Rule, read_rules
from kmock_k8s.cluster.access.users import User, name_account
from kmock_k8s.cluster.structures import structures_of
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.metadata import metadata_of

_REMEMBERED = 4096
"""Of how many users in how many namespaces it is known at once."""


class Grant(NamedTuple):
    """The rules that a binding gives to one of its subjects."""

    source: str
    """``ClusterRoleBinding "b" of ClusterRole "r" to Group "g"``."""
    rules: tuple[Rule, ...]


class _Entry(NamedTuple):
    place: int
    """Of the binding, among all."""
    number: int
    """Of the subject, in the binding."""
    binding: JSONObject


class Grants:
    """All rules of all subjects, as they are at one time.

    Args:
        objects: the roles and bindings, in any order; what is malformed in them gives nothing.
    """

    def __init__(self, objects: Iterable[JSONObject]) -> None:
        self._roles: dict[tuple[str, str], JSONObject] = {}
        self._entries: dict[tuple[str, str, str], list[_Entry]] = {}
        self._found: dict[tuple[User, str], tuple[tuple[Grant, ...], tuple[str, ...]]] = {}
        self._read: dict[tuple[str, str], tuple[Rule, ...]] = {}
        bindings: list[JSONObject] = []
        for content in objects:
            kind, (namespace, name) = content.get('kind'), _key_of(content)
            if kind in ('Role', 'ClusterRole'):
                self._roles[namespace, name] = content
            elif kind in ('RoleBinding', 'ClusterRoleBinding'):
                bindings.append(content)
        for place, binding in enumerate(sorted(bindings, key=_key_of)):
            self._add(place, binding)

    def _add(self, place: int, binding: JSONObject) -> None:
        if not isinstance(binding.get('roleRef'), dict):
            return
        namespace, _ = _key_of(binding)
        for index, subject in enumerate(structures_of(binding, 'subjects')):
            kind, name = subject.get('kind'), subject.get('name')
            if not isinstance(kind, str) or not isinstance(name, str):
                continue
            if kind == 'ServiceAccount':
                kind, name = 'User', name_account(str(subject.get('namespace') or namespace), name)
            self._entries.setdefault((namespace, kind, name), []).append(_Entry(place, index, binding))

    def find(self, user: User, namespace: str) -> tuple[tuple[Grant, ...], tuple[str, ...]]:
        """What a user has in a namespace, with that of the whole cluster; and which roles are not there."""
        key = (user, namespace)
        found = self._found.get(key)
        if found is None:
            if len(self._found) >= _REMEMBERED:
                self._found.clear()
            found = self._found[key] = self._find(user, namespace)
        return found

    def _find(self, user: User, namespace: str) -> tuple[tuple[Grant, ...], tuple[str, ...]]:
        grants: list[Grant] = []
        absent: list[str] = []
        for scope in dict.fromkeys(('', namespace)):
            for entry in self._list_entries(user, scope):
                role: JSONObject = entry.binding['roleRef']
                rules = self.rules_of(role, scope)
                if rules is None:
                    kind, name = str(role.get('kind')).lower(), role.get('name')
                    absent.append(f'{kind}.rbac.authorization.k8s.io "{name}" not found')
                else:
                    grants.append(Grant(_describe(entry), rules))
        return tuple(grants), tuple(absent)

    def _list_entries(self, user: User, scope: str) -> list[_Entry]:
        """The bindings that are for a user, each with the first of its subjects that is."""
        subjects = (('User', user.name), *(('Group', group) for group in user.groups))
        found: dict[int, _Entry] = {}
        for kind, name in subjects:
            for entry in self._entries.get((scope, kind, name), ()):
                known = found.get(entry.place)
                if known is None or entry.number < known.number:
                    found[entry.place] = entry
        return [found[place] for place in sorted(found)]

    def rules_of(self, reference: Mapping[str, Any], namespace: str) -> tuple[Rule, ...] | None:
        """The rules of the role that a binding in a namespace refers to; None if there is none."""
        key = (namespace if reference.get('kind') == 'Role' else '', str(reference.get('name')))
        if key not in self._roles or self._roles[key].get('kind') != reference.get('kind'):
            return None
        if key not in self._read:
            self._read[key] = read_rules(self._roles[key])
        return self._read[key]


def _key_of(content: JSONObject) -> tuple[str, str]:
    metadata = metadata_of(content)
    return str(metadata.get('namespace') or ''), str(metadata.get('name') or '')


def _describe(entry: _Entry) -> str:
    namespace, name = _key_of(entry.binding)
    role: JSONObject = entry.binding['roleRef']
    subject = structures_of(entry.binding, 'subjects')[entry.number]
    kind, shown = subject['kind'], subject['name']
    if kind == 'ServiceAccount':
        shown = f'{shown}/{subject.get("namespace") or namespace}'
    binding = f'RoleBinding "{name}/{namespace}"' if namespace else f'ClusterRoleBinding "{name}"'
    return f'{binding} of {role.get("kind")} "{role.get("name")}" to {kind} "{shown}"'
