"""Events, which are in two groups: the same ones, with other names of their fields."""

from collections.abc import Mapping

from kmock_k8s.cluster.conversions.kinds import ConvertedKind
from kmock_k8s.cluster.defaulting.walking import fill
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.schemas import Schema, builtin

_NAMES: Mapping[str, str] = {
    'regarding': 'involvedObject',
    'note': 'message',
    'reportingController': 'reportingComponent',
    'deprecatedSource': 'source',
    'deprecatedFirstTimestamp': 'firstTimestamp',
    'deprecatedLastTimestamp': 'lastTimestamp',
    'deprecatedCount': 'count',
}
_BACK = {there: here for here, there in _NAMES.items()}


class EventKind(ConvertedKind):
    """The events of their own group: they are those of the core group."""

    def _to_stored(self, content: JSONObject) -> JSONObject:
        return _rename(content, 'v1', _NAMES, builtin('', 'v1', 'Event'))

    def _from_stored(self, content: JSONObject) -> JSONObject:
        return _rename(content, self.api_version, _BACK, self.builtin)


def _rename(content: JSONObject, version: str, names: Mapping[str, str], schema: Schema | None) -> JSONObject:
    renamed = {names.get(key, key): value for key, value in content.items() if value not in ('', None)}
    renamed['apiVersion'] = version
    if schema is not None:
        fill(renamed, schema)
    return renamed
