"""What keeps the names in a definition from being valid."""

from collections.abc import Iterator

from kmock_k8s.cluster.naming import check_label_1035
from kmock_k8s.cluster.statuses import Cause, invalid_value, required
from kmock_k8s.model.encoding import JSONObject

_MIXED = 'may have mixed case, but should otherwise match: '


def check_spec_names(names: JSONObject, path: str = 'spec.names') -> Iterator[Cause]:
    """The causes to refuse the names of a kind."""
    for field in ('plural', 'singular', 'kind', 'listKind'):
        if not names.get(field):
            yield required(f'{path}.{field}')
    for field in ('plural', 'singular'):
        if names.get(field) and (details := list(check_label_1035(names[field]))):
            yield invalid_value(f'{path}.{field}', names[field], ','.join(details))
    for field in ('kind', 'listKind'):
        if names.get(field) and (details := list(check_label_1035(names[field].lower()))):
            yield invalid_value(f'{path}.{field}', names[field], _MIXED + ','.join(details))
    for field in ('shortNames', 'categories'):
        for index, name in enumerate(names.get(field) or ()):
            if details := list(check_label_1035(name)):
                yield invalid_value(f'{path}.{field}[{index}]', name, ','.join(details))
    if names.get('kind') and names['kind'] == names.get('listKind'):
        yield invalid_value(f'{path}.listKind', names['listKind'], 'kind and listKind may not be the same')
