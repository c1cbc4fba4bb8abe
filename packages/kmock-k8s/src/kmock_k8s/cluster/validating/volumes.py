"""What keeps the volumes of pods from being valid."""

from collections.abc import Iterator, Mapping

from kmock_k8s.cluster.naming import check_label
from kmock_k8s.cluster.statuses import Cause, duplicate, forbidden, invalid_value, required
from kmock_k8s.cluster.validating.values import check_named
from kmock_k8s.model.encoding import JSONObject

_NEEDED: Mapping[str, str] = {
    'configMap': 'name',
    'hostPath': 'path',
    'nfs': 'server',
    'persistentVolumeClaim': 'claimName',
    'secret': 'secretName',
    'csi': 'driver',
}
"""What the sources of volumes can't be without."""

_MODES = range(0o1000)
_MODE_TEXT = 'must be a number between 0 and 0777 (octal), both inclusive'


def volumes_of(spec: JSONObject) -> dict[str, JSONObject]:
    """The volumes of a pod by their names."""
    return {volume.get('name') or '': volume for volume in spec.get('volumes') or ()}


def check_volumes(spec: JSONObject, path: str) -> Iterator[Cause]:
    """The causes to refuse the volumes of a pod."""
    names: set[str] = set()
    for index, volume in enumerate(spec.get('volumes') or ()):
        field = f'{path}.volumes[{index}]'
        name: str = volume.get('name') or ''
        yield from check_named(name, f'{field}.name', check_label)
        if name in names:
            yield duplicate(f'{field}.name', name)
        if name:
            names.add(name)
        sources = [source for source in volume if source != 'name']
        for source in sources[1:]:
            yield forbidden(f'{field}.{source}', 'may not specify more than 1 volume type')
        for source in sources[:1]:
            yield from _check_source(source, volume[source] or {}, f'{field}.{source}')


def _check_source(source: str, content: JSONObject, path: str) -> Iterator[Cause]:
    needed = _NEEDED.get(source)
    if needed is not None and not content.get(needed):
        yield required(f'{path}.{needed}')
    mode = content.get('defaultMode')
    if mode is not None and mode not in _MODES:
        yield invalid_value(f'{path}.defaultMode', mode, _MODE_TEXT)
    for index, item in enumerate(content.get('items') or ()):
        field = f'{path}.items[{index}]'
        if source in {'configMap', 'secret'}:
            yield from check_named(item.get('key'), f'{field}.key', _check_nothing)
        yield from check_named(item.get('path'), f'{field}.path', _check_path)


def _check_nothing(value: str) -> Iterator[str]:
    return iter(())


def _check_path(value: str) -> Iterator[str]:
    if value.startswith('/'):
        yield 'must be a relative path'
    if '..' in value.split('/'):
        yield "must not contain '..'"
    elif value.startswith('..'):
        yield "must not start with '..'"
