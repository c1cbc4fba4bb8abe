"""The rules of roles: what each one allows, and what of it somebody has already (``component-helpers/auth/rbac``)."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from kmock_k8s.cluster.access.attributes import Attributes
from kmock_k8s.cluster.statuses import show
from kmock_k8s.cluster.structures import structures_of
from kmock_k8s.model.encoding import JSONObject

ALL = '*'


class Rule(NamedTuple):
    """One rule of a role."""

    verbs: tuple[str, ...]
    groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()

    def allows(self, wanted: Attributes) -> bool:
        """Tell if somebody with this rule may do something."""
        if wanted.verb not in self.verbs and ALL not in self.verbs:
            return False
        if wanted.path is not None:
            return any(_covers_url(url, wanted.path) for url in self.urls)
        if wanted.group not in self.groups and ALL not in self.groups:
            return False
        if self.names and wanted.name not in self.names:
            return False
        resources = self.resources
        if wanted.whole_resource in resources or ALL in resources:
            return True
        return bool(wanted.subresource) and f'*/{wanted.subresource}' in resources

    def covers(self, part: 'Rule') -> bool:
        """Tell if a rule for one thing only gives nothing beyond this one."""
        if ALL not in self.verbs and part.verbs[0] not in self.verbs:
            return False
        if part.urls:
            return any(_covers_url(url, part.urls[0]) for url in self.urls)
        if ALL not in self.groups and part.groups[0] not in self.groups:
            return False
        if self.names and (not part.names or part.names[0] not in self.names):
            return False
        resource = part.resources[0]
        _, slash, subresource = resource.partition('/')
        covering = {ALL, resource, *([f'*/{subresource}'] if slash else [])}
        return not covering.isdisjoint(self.resources)

    def split(self) -> Iterator['Rule']:
        """The same as rules for one thing each."""
        for group in self.groups:
            for resource in self.resources:
                for verb in self.verbs:
                    if not self.names:
                        yield Rule((verb,), (group,), (resource,))
                    for name in self.names:
                        yield Rule((verb,), (group,), (resource,), (name,))
        for url in self.urls:
            for verb in self.verbs:
                yield Rule((verb,), urls=(url,))

    def __str__(self) -> str:
        fields = (
            ('APIGroups', self.groups),
            ('Resources', self.resources),
            ('NonResourceURLs', self.urls),
            ('ResourceNames', self.names),
            ('Verbs', self.verbs),
        )
        return f'{{{", ".join(f"{name}:{show_texts(values)}" for name, values in fields if values)}}}'


def show_texts(texts: Iterable[str]) -> str:
    """Texts as Go prints them by ``%q``: ``["a" "b"]``."""
    return f'[{" ".join(show(text) for text in texts)}]'


EVERYTHING = (Rule((ALL,), (ALL,), (ALL,)), Rule((ALL,), urls=(ALL,)))
"""What members of ``system:masters`` have."""


def _covers_url(known: str, url: str) -> bool:
    return known == url or (known.endswith('*') and url.startswith(known.rstrip('*')))


_FIELDS = ('verbs', 'apiGroups', 'resources', 'resourceNames', 'nonResourceURLs')


def read_rules(content: JSONObject) -> tuple[Rule, ...]:
    """The rules of a role, whatever else is in it."""
    return tuple(Rule(*(_read_texts(rule.get(field)) for field in _FIELDS)) for rule in structures_of(content, 'rules'))


def _read_texts(given: Any) -> tuple[str, ...]:
    items: list[Any] = given
    return tuple(item for item in items if isinstance(item, str)) if isinstance(given, list) else ()


def find_missing(held: Iterable[Rule], wanted: Iterable[Rule]) -> list[str]:
    """What somebody who holds some rules does not have of others, as it is told: sorted, by resources."""
    known = tuple(held)
    missing: list[Rule] = []
    places: dict[tuple[str, str], int] = {}
    for part in (part for rule in wanted for part in rule.split()):
        if any(rule.covers(part) for rule in known):
            continue
        place = None if part.names or part.urls else (part.groups[0], part.resources[0])
        if place is not None and place in places:
            index = places[place]
            missing[index] = missing[index]._replace(verbs=(*missing[index].verbs, *part.verbs))
            continue
        if place is not None:
            places[place] = len(missing)
        missing.append(part)
    return sorted({str(rule) for rule in missing})


def show_rules(rules: Sequence[Rule]) -> tuple[list[JSONObject], list[JSONObject]]:
    """The rules for resources, and those for other URLs, as reviews have them."""
    resources: list[JSONObject] = []
    urls: list[JSONObject] = []
    for rule in rules:
        if rule.resources:
            shown = {'verbs': rule.verbs, 'apiGroups': rule.groups, 'resources': rule.resources}
            names = {'resourceNames': rule.names} if rule.names else {}
            resources.append({key: list(values) for key, values in (shown | names).items()})
        if rule.urls:
            urls.append({'verbs': list(rule.verbs), 'nonResourceURLs': list(rule.urls)})
    return resources, urls
