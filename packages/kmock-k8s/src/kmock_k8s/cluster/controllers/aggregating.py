"""The controller of cluster roles that are made of others: they have the rules of all roles that they select."""

from kmock_k8s.cluster.controllers.hands import OPTIONS, Hands
from kmock_k8s.cluster.structures import part_of, structures_of
from kmock_k8s.cluster.validating.selectors import matches
from kmock_k8s.cluster.writing import settle, track
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.metadata import metadata_of
from kmock_k8s.model.resources import resource

ROLES = resource('rbac.authorization.k8s.io', 'v1', 'clusterroles')

_MADE = b'"aggregationRule"'
_OPTIONS = OPTIONS._replace(manager='clusterrole-aggregation-controller')


class Aggregator:
    """Writes the rules of the cluster roles that select others."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands

    def review(self) -> None:
        """Look after all such roles; what this changes is known by an event of its own, and is reviewed then."""
        found = self._hands.store.select(ROLES)
        for key, state in found:
            if _MADE in state.raw:
                self._collect(key, state.load(), [other for other, _ in found if other != key])

    def _collect(self, key: ObjectKey, live: JSONObject, others: list[ObjectKey]) -> None:
        selectors = structures_of(part_of(live, 'aggregationRule'), 'clusterRoleSelectors')
        if not selectors or metadata_of(live).get('deletionTimestamp'):
            return
        rules: list[JSONObject] = []
        for other in sorted(others, key=lambda one: one.name):
            content = self._hands.load(other) or {}
            labels = part_of(content, 'metadata', 'labels')
            if any(matches(selector, labels) for selector in selectors):
                rules += [rule for rule in structures_of(content, 'rules') if rule not in rules]
        kind = self._hands.kind_of(ROLES)
        if rules == (live.get('rules') or []) or kind is None:
            return
        content = {**live, 'metadata': {**metadata_of(live)}, 'rules': rules}
        track(live, content, kind, self._hands.backend, _OPTIONS)
        settle(kind, key, content, self._hands.backend, _OPTIONS)
