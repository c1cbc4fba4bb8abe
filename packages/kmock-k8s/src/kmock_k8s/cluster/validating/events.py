"""What keeps events from being valid: those of old, and those with an ``eventTime``."""

from collections.abc import Iterator

from kmock_k8s.cluster.naming import check_qualified
from kmock_k8s.cluster.statuses import Cause, invalid_value, required
from kmock_k8s.cluster.structures import part_of
from kmock_k8s.cluster.validating.values import check_named
from kmock_k8s.model.encoding import JSONObject

_GLOBAL = ('default', 'kube-system')
_NAMESPACE_TEXT = 'does not match event.namespace'


def validate_core_event(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse an event of the core group."""
    yield from _check_namespace(content, part_of(content, 'involvedObject'), 'involvedObject')
    if content.get('eventTime'):
        yield from _check_new(content, 'reportingComponent', content.get('message'), 'message')


def validate_event(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse an event of the group of events."""
    yield from _check_namespace(content, part_of(content, 'regarding'), 'involvedObject')
    if content.get('eventTime'):
        yield from _check_new(content, 'reportingController', content.get('note'), 'message')
    else:
        yield required('eventTime')
    kind = content.get('type') or ''
    if kind not in {'Normal', 'Warning'}:
        yield invalid_value('type', '', f'has invalid value: {kind}')


def _check_namespace(content: JSONObject, involved: JSONObject, path: str) -> Iterator[Cause]:
    namespace: str = content['metadata'].get('namespace') or ''
    given: str = involved.get('namespace') or ''
    if (given or namespace not in _GLOBAL) and given != namespace:
        yield invalid_value(f'{path}.namespace', given, _NAMESPACE_TEXT)


def _check_new(content: JSONObject, controller: str, message: str | None, field: str) -> Iterator[Cause]:
    yield from check_named(content.get(controller), controller, check_qualified)
    for name in ('reportingInstance', 'action', 'reason'):
        value: str = content.get(name) or ''
        if not value:
            yield required(name)
        elif len(value) > 128:
            yield invalid_value(name, '', 'can have at most 128 characters')
    if message and len(message) > 1024:
        yield invalid_value(field, '', 'can have at most 1024 characters')
