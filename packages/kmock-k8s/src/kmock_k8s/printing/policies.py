"""The cells of what guards the API: webhooks, policies of admission, roles' bindings, requests for certificates."""

from datetime import datetime, timedelta
from typing import Any

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.printing.ages import humanize, print_age
from kmock_k8s.printing.fields import filled, has, items, name_of, number, part, parts, text, texts
from kmock_k8s.printing.labels import NONE
from kmock_k8s.printing.storage import UNSET

_LONGEST = 2**31  # as many seconds as the field can have in Go


def print_webhooks(one: JSONObject, now: datetime) -> list[Any]:
    """A configuration of webhooks: how many it has."""
    return [name_of(one), len(items(one, 'webhooks')), print_age(one, now)]


def print_validating_policy(policy: JSONObject, now: datetime) -> list[Any]:
    """A ValidatingAdmissionPolicy."""
    return _print_policy(policy, 'validations', now)


def print_mutating_policy(policy: JSONObject, now: datetime) -> list[Any]:
    """A MutatingAdmissionPolicy."""
    return _print_policy(policy, 'mutations', now)


def print_policy_binding(binding: JSONObject, now: datetime) -> list[Any]:
    """A binding of an admission policy, of either sort."""
    spec, given, shown = part(binding, 'spec'), part(binding, 'spec', 'paramRef'), UNSET
    if name := text(given, 'name'):
        shown = f'{filled(given, "namespace", default="*")}/{name}'
    elif has(given, 'selector'):
        shown = _describe(part(given, 'selector'))
    return [name_of(binding), text(spec, 'policyName'), shown, print_age(binding, now)]


def print_role_binding(binding: JSONObject, now: datetime) -> list[Any]:
    """A RoleBinding, or a ClusterRoleBinding."""
    found: dict[str, list[str]] = {'User': [], 'Group': [], 'ServiceAccount': []}
    for subject in parts(binding, 'subjects'):
        kind, name = text(subject, 'kind'), text(subject, 'name')
        if kind in found:
            found[kind].append(f'{text(subject, "namespace")}/{name}' if kind == 'ServiceAccount' else name)
    role = part(binding, 'roleRef')
    shown = f'{text(role, "kind")}/{text(role, "name")}'
    return [name_of(binding), shown, print_age(binding, now), *(', '.join(names) for names in found.values())]


def print_signing_request(request: JSONObject, now: datetime) -> list[Any]:
    """A CertificateSigningRequest."""
    spec = part(request, 'spec')
    wanted = timedelta(seconds=max(-_LONGEST, min(number(spec, 'expirationSeconds'), _LONGEST)))
    return [
        name_of(request),
        print_age(request, now),
        filled(spec, 'signerName', default=NONE),
        text(spec, 'username'),
        humanize(wanted) if has(spec, 'expirationSeconds') else NONE,
        _decision(part(request, 'status')),
    ]


def _print_policy(policy: JSONObject, field: str, now: datetime) -> list[Any]:
    spec, kind = part(policy, 'spec'), part(policy, 'spec', 'paramKind')
    shown = f'{text(kind, "apiVersion")}/{text(kind, "kind")}' if has(spec, 'paramKind') else UNSET
    return [name_of(policy), len(items(spec, field)), shown, print_age(policy, now)]


def _decision(status: JSONObject) -> str:
    told = {text(condition, 'type') for condition in parts(status, 'conditions')}
    decided = 'Denied' if 'Denied' in told else 'Approved' if 'Approved' in told else 'Pending'
    failed = ',Failed' if 'Failed' in told else ''
    return f'{decided}{failed},Issued' if text(status, 'certificate') else f'{decided}{failed}'


def _describe(selector: JSONObject) -> str:
    """A label selector as Go prints its structure."""
    labels = part(selector, 'matchLabels')
    matched = ''.join(f'{key}: {text(labels, key)},' for key in sorted(labels))
    wanted = ''.join(
        f'LabelSelectorRequirement{{Key:{text(one, "key")},Operator:{text(one, "operator")},'
        f'Values:[{" ".join(texts(one, "values"))}],}},'
        for one in parts(selector, 'matchExpressions')
    )
    return (
        f'&LabelSelector{{MatchLabels:map[string]string{{{matched}}},'
        f'MatchExpressions:[]LabelSelectorRequirement{{{wanted}}},}}'
    )
