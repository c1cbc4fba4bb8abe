"""The evaluation of roles against one that looks at each role for each question, as the documentation puts it."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kmock_k8s.cluster.access.attributes import Attributes
from kmock_k8s.cluster.access.deciding import ByRoles
from kmock_k8s.cluster.access.grants import Grants
from kmock_k8s.cluster.access.rules import Rule, find_missing
from kmock_k8s.cluster.access.users import User

GROUPS, VERBS, NAMES, NAMESPACES = ('', 'apps'), ('get', 'list'), ('x', 'y'), ('ns1', 'ns2')
RESOURCES = ('pods', 'pods/log', 'nodes')
PATHS = ('/a', '/a/b', '/')


def some(*values: str, least: int = 1) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), unique=True, min_size=least, max_size=2).map(tuple)


VERB_LISTS = some('*', *VERBS)
RESOURCE_RULES = st.builds(
    Rule,
    verbs=VERB_LISTS,
    groups=some('*', *GROUPS),
    resources=some('*', '*/log', *RESOURCES),
    names=some(*NAMES, least=0),
)
RULES = RESOURCE_RULES | st.builds(Rule, verbs=VERB_LISTS, urls=some('*', '/a*', '/a/*', *PATHS))

WANTED = st.builds(
    Attributes,
    verb=st.sampled_from(VERBS),
    group=st.sampled_from(GROUPS),
    resource=st.sampled_from(('pods', 'nodes')),
    subresource=st.sampled_from(('', 'log')),
    namespace=st.sampled_from(('', *NAMESPACES)),
    name=st.sampled_from(('', *NAMES)),
) | st.builds(Attributes, verb=st.sampled_from(VERBS), path=st.sampled_from(PATHS))

SUBJECTS = st.sampled_from(
    [
        {'kind': 'User', 'name': 'jane'},
        {'kind': 'Group', 'name': 'dev'},
        {'kind': 'User', 'name': 'dev'},
        {'kind': 'ServiceAccount', 'name': 'robot', 'namespace': 'ns1'},
        {'kind': 'ServiceAccount', 'name': 'robot'},
    ]
)
USERS = st.sampled_from(
    [
        User('jane'),
        User('dev'),
        User('joe', groups=('dev', 'ops')),
        User('system:serviceaccount:ns1:robot'),
        User('system:serviceaccount:ns2:robot'),
    ]
)


def write_rule(rule: Rule) -> dict[str, Any]:
    return {
        'verbs': [*rule.verbs],
        'apiGroups': [*rule.groups],
        'resources': [*rule.resources],
        'resourceNames': [*rule.names],
        'nonResourceURLs': [*rule.urls],
    }


@st.composite
def objects(draw: st.DrawFn) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 3))):
        name = f'o{number}'
        scope = draw(st.sampled_from([None, *NAMESPACES]))
        role_scope = scope if draw(st.booleans()) else None
        metadata = {'name': name, **({'namespace': role_scope} if role_scope else {})}
        kind = 'Role' if role_scope else 'ClusterRole'
        rules = [write_rule(rule) for rule in draw(st.lists(RULES, max_size=2))]
        found.append({'kind': kind, 'metadata': metadata, 'rules': rules})
        found.append({
            'kind': 'RoleBinding' if scope else 'ClusterRoleBinding',
            'metadata': {'name': name, **({'namespace': scope} if scope else {})},
            'roleRef': {'kind': kind, 'name': draw(st.sampled_from([name, 'o0']))},
            'subjects': draw(st.lists(SUBJECTS, max_size=2)),
        })  # fmt: skip
    return found


def allows_naively(found: list[dict[str, Any]], user: User, wanted: Attributes) -> bool:
    for binding in found:
        if not binding['kind'].endswith('Binding'):
            continue
        scope = binding['metadata'].get('namespace', '')
        if scope and scope != wanted.namespace:
            continue
        if not any(_is_meant(subject, user, scope) for subject in binding['subjects']):
            continue
        for role in found:
            place = role['metadata'].get('namespace', '')
            reference = (binding['roleRef']['kind'], binding['roleRef']['name'])
            if (role['kind'], role['metadata']['name']) != reference or place not in ('', scope):
                continue
            if any(_allows(rule, wanted) for rule in role['rules']):
                return True
    return False


def _is_meant(subject: dict[str, str], user: User, scope: str) -> bool:
    if subject['kind'] == 'Group':
        return subject['name'] in user.groups
    if subject['kind'] == 'User':
        return subject['name'] == user.name
    namespace = subject.get('namespace', scope)
    return bool(namespace) and user.name == f'system:serviceaccount:{namespace}:{subject["name"]}'


def _allows(rule: dict[str, list[str]], wanted: Attributes) -> bool:
    if not {'*', wanted.verb} & set(rule['verbs']):
        return False
    if wanted.path is not None:
        path = wanted.path
        return any(url == path or (url.endswith('*') and path.startswith(url[:-1])) for url in rule['nonResourceURLs'])
    whole = wanted.resource + (f'/{wanted.subresource}' if wanted.subresource else '')
    possible = {'*', whole, *([f'*/{wanted.subresource}'] if wanted.subresource else [])}
    named = not rule['resourceNames'] or wanted.name in rule['resourceNames']
    return bool({'*', wanted.group} & set(rule['apiGroups'])) and bool(possible & set(rule['resources'])) and named


@settings(max_examples=150)
@given(objects(), USERS, WANTED)
def test_users_may_do_what_a_role_of_theirs_allows(found: list[dict[str, Any]], user: User, wanted: Attributes) -> None:
    assert ByRoles(lambda: Grants(found)).decide(user, wanted).allowed is allows_naively(found, user, wanted)


@settings(max_examples=100)
@given(st.lists(RULES, max_size=2), st.lists(RULES, max_size=2), WANTED)
def test_who_lacks_nothing_of_a_role_may_do_all_that_it_allows(
    held: list[Rule], given_away: list[Rule], wanted: Attributes
) -> None:
    if not find_missing(held, given_away) and any(rule.allows(wanted) for rule in given_away):
        assert any(rule.allows(wanted) for rule in held)


@settings(max_examples=50)
@given(st.lists(RULES, max_size=3))
def test_nobody_lacks_what_they_have(rules: list[Rule]) -> None:
    assert find_missing(rules, rules) == []
    assert bool(find_missing([], rules)) is bool(rules)
