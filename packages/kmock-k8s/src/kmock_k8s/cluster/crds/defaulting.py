"""What the server adds to definitions."""

from kmock_k8s.cluster.crds.conditions import NO_STATUS
from kmock_k8s.cluster.crds.definitions import as_object, versions_of
from kmock_k8s.model.encoding import JSONObject


def default_spec(spec: JSONObject) -> None:
    """Complete the spec of a definition, in place: names that follow from others, and no conversion."""
    names: JSONObject = {**as_object(spec.get('names'))}
    kind = names.get('kind')
    if kind:
        names['singular'] = names.get('singular') or kind.lower()
        names['listKind'] = names.get('listKind') or f'{kind}List'
    spec['names'] = names
    spec.setdefault('conversion', {'strategy': 'None'})


def prepare_definition(content: JSONObject, live: JSONObject | None) -> None:
    """Note in which version the objects are stored from now on."""
    status: JSONObject = as_object(content.get('status'))
    if live is None:
        status = {**NO_STATUS, **status}
    stored: list[str] = status.get('storedVersions') or []
    spec = as_object(content.get('spec'))
    now = next((one.get('name') for one in versions_of(spec) if one.get('storage')), None)
    if now is not None and now not in stored:
        stored = [*stored, now]
    content['status'] = {**status, 'storedVersions': stored or None}
