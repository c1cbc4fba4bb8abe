"""Whether what is written is the object of the URL: its name, its namespace, its uid, its version."""

from kmock_k8s.api.calls import Call
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.statuses import MODIFIED, bad_request, conflict, internal, invalid, invalid_value
from kmock_k8s.cluster.strategies import is_conditional
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.keys import ObjectKey


def place(metadata: JSONObject, kind: Kind, namespace: str | None) -> None:
    """Set the namespace of an object to that of the URL, which has to be the same."""
    if kind.namespaced and metadata.get('namespace') and metadata['namespace'] != namespace:
        raise bad_request('the namespace of the provided object does not match the namespace sent on the request')
    if namespace is not None:
        metadata['namespace'] = namespace
    else:
        metadata.pop('namespace', None)


def demand_identity(metadata: JSONObject, kind: Kind, call: Call) -> None:
    """Refuse an object without a name, or with another name, or namespace, than those of the URL."""
    demand_name(metadata, call)
    check_identity(metadata, kind, call)


def demand_name(metadata: JSONObject, call: Call) -> None:
    """Refuse an object without a name."""
    if not metadata.get('name'):
        name = call.location.name or ''
        raise bad_request(f'the name of the object ({name} based on URL) was undeterminable: name must be provided')


def check_identity(metadata: JSONObject, kind: Kind, call: Call) -> None:
    """Refuse another name, or another namespace, than those of the URL."""
    name = call.location.name or ''
    if metadata.get('name') != name:
        given = metadata.get('name')
        raise bad_request(f'the name of the object ({given}) does not match the name on the URL ({name})')
    place(metadata, kind, call.location.namespace)


def check_version(metadata: JSONObject, known: JSONObject, kind: Kind, name: str) -> None:
    """Refuse an update of what is not the latest state any more."""
    version = metadata.get('resourceVersion') or ''
    if version and not (version.isascii() and version.isdecimal()):
        raise internal(f'strconv.ParseUint: parsing "{version}": invalid syntax')
    if version in {'', '0'}:
        if is_conditional(kind):
            cause = invalid_value('metadata.resourceVersion', 0, 'must be specified for an update')
            raise invalid(kind.of(name), [cause])
    elif version != known['resourceVersion']:
        raise conflict(kind.of(name), MODIFIED)


def check_uid(metadata: JSONObject, known: JSONObject, kind: Kind, key: ObjectKey) -> None:
    """Refuse an update of what is another object of the same name."""
    if metadata.get('uid') and metadata['uid'] != known['uid']:
        raise conflict(kind.of(key.name), _uid_text(kind, key, metadata['uid'], known['uid']))


def _uid_text(kind: Kind, key: ObjectKey, given: str, known: str) -> str:
    group = f'{kind.group}/' if kind.group and not kind.is_builtin else ''
    path = '/'.join(['/registry', f'{group}{kind.plural}', *([key.namespace] if key.namespace else []), key.name])
    return (
        f'StorageError: invalid object, Code: 4, Key: {path}, ResourceVersion: 0, AdditionalErrorMsg: Precondition '
        f'failed: UID in precondition: {given}, UID in object meta: {known}'
    )
