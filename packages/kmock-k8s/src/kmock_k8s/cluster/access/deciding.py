"""Who may do what: everybody everything, or what the roles say."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from kmock_k8s.cluster.access.attributes import Attributes
from kmock_k8s.cluster.access.grants import Grants
from kmock_k8s.cluster.access.rules import EVERYTHING, Rule
from kmock_k8s.cluster.access.users import User


class Decision(NamedTuple):
    """Whether something is allowed, and why."""

    allowed: bool
    reason: str = ''


class Authorizer(Protocol):
    """Decides what users may do."""

    def decide(self, user: User, wanted: Attributes, /) -> Decision:
        """Whether a user may do something."""
        ...

    def list_rules(self, user: User, namespace: str, /) -> tuple[list[Rule], str]:
        """All rules of a user in a namespace; and why they may be more, if something is not there."""
        ...

    def find_rules(self, role: dict[str, str], namespace: str, /) -> tuple[Rule, ...] | None:
        """The rules of the role that a binding refers to; None if it is not there."""
        ...


class AllowsAll:
    """Everybody may do everything."""

    def decide(self, user: User, wanted: Attributes, /) -> Decision:
        """It is allowed."""
        return Decision(allowed=True)

    def list_rules(self, user: User, namespace: str, /) -> tuple[list[Rule], str]:
        """All that there can be."""
        return [*EVERYTHING], ''

    def find_rules(self, role: dict[str, str], namespace: str, /) -> tuple[Rule, ...] | None:
        """Of no interest."""
        return ()


class ByRoles:
    """The members of ``system:masters`` may do everything; others, what their roles say.

    Args:
        grants: gives the roles as they are.
    """

    def __init__(self, grants: Callable[[], Grants]) -> None:
        self._grants = grants

    def decide(self, user: User, wanted: Attributes, /) -> Decision:
        """The first rule that allows it counts."""
        if user.is_master:
            return Decision(allowed=True)
        found, absent = self._grants().find(user, wanted.namespace)
        for grant in found:
            for rule in grant.rules:
                if rule.allows(wanted):
                    return Decision(allowed=True, reason=f'RBAC: allowed by {grant.source}')
        return Decision(allowed=False, reason=f'RBAC: {_join(absent)}' if absent else '')

    def list_rules(self, user: User, namespace: str, /) -> tuple[list[Rule], str]:
        """The rules of all bindings of a user, in order."""
        found, absent = self._grants().find(user, namespace)
        rules = [rule for grant in found for rule in grant.rules]
        return rules, _join(absent)

    def find_rules(self, role: dict[str, str], namespace: str, /) -> tuple[Rule, ...] | None:
        """The rules of a role in the store."""
        return self._grants().rules_of(role, namespace)


def _join(texts: tuple[str, ...]) -> str:
    """Several errors in one text, each once, as Go writes them."""
    known = tuple(dict.fromkeys(texts))
    return known[0] if len(known) == 1 else f'[{", ".join(known)}]' if known else ''


_: tuple[Authorizer, Authorizer] = (AllowsAll(), ByRoles(lambda: Grants(())))
