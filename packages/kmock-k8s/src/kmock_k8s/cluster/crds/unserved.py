"""What definitions can say, but what is not done here: it is accepted, and warned of."""

from collections.abc import Iterator, Mapping
from typing import Any

from kmock_k8s.cluster.crds.checking_schemas import below_of
from kmock_k8s.cluster.crds.definitions import as_object, versions_of
from kmock_k8s.model.encoding import JSONObject

_RULES = 'x-kubernetes-validations'


def find_unserved(content: JSONObject) -> list[str]:
    """The warnings about a definition: what it has that is accepted, but has no effect."""
    spec = as_object(content.get('spec'))
    found: list[str] = []
    for index, version in enumerate(versions_of(spec)):
        schema = as_object(as_object(version.get('schema')).get('openAPIV3Schema'))
        path = f'spec.versions[{index}].schema.openAPIV3Schema'
        found += [f'{place}.{_RULES}: CEL rules are not evaluated by this server' for place in _find(schema, path)]
    if as_object(spec.get('conversion')).get('strategy') == 'Webhook':
        text = 'conversion webhooks are not called by this server; only the apiVersion is converted'
        found.append(f'spec.conversion.webhook: {text}')
    return found


def _find(schema: Mapping[str, Any], path: str) -> Iterator[str]:
    if schema.get(_RULES):
        yield path
    for where, below in below_of(schema, path):
        yield from _find(below, where)
