"""What the server adds to definitions."""

from kmock_k8s.cluster.crds.conditions import NO_STATUS
from kmock_k8s.cluster.crds.definitions import as_object, versions_of
from kmock_k8s.model.encoding import JSONObject


def prepare_definition(content: JSONObject, live: JSONObject | None) -> None:
    """Complete the names of a definition, and note in which version its objects are stored from now on."""
    spec: JSONObject = {**as_object(content.get('spec'))}
    names: JSONObject = {**as_object(spec.get('names'))}
    kind = names.get('kind')
    if kind:
        names['singular'] = names.get('singular') or kind.lower()
        names['listKind'] = names.get('listKind') or f'{kind}List'
    spec['names'] = names
    spec['conversion'] = spec.get('conversion') or {'strategy': 'None'}
    content['spec'] = spec
    status: JSONObject = {**NO_STATUS, **as_object(content.get('status'))} if live is None else content.get('status') or {}
    stored: list[str] = status.get('storedVersions') or []
    now = next((one.get('name') for one in versions_of(spec) if one.get('storage')), None)
    if now is not None and now not in stored:
        stored = [*stored, now]
    content['status'] = {**status, 'storedVersions': stored or None}
