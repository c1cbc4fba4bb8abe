"""What keeps a custom object from being valid."""

from collections.abc import Iterator

from kmock_k8s.cluster.crds.definitions import as_object
from kmock_k8s.cluster.crds.embedded import check_embedded
from kmock_k8s.cluster.crds.kinds import CustomKind
from kmock_k8s.cluster.crds.lists import check_lists
from kmock_k8s.cluster.crds.scaling import check_scale
from kmock_k8s.cluster.crds.values import check_value
from kmock_k8s.cluster.statuses import Cause, Named, invalid, invalid_value
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.metadata import metadata_of


def check_kind(kind: CustomKind, content: JSONObject) -> None:
    """Refuse an object of another kind."""
    given = content.get('kind')
    if given != kind.name:
        named = Named(kind.group, str(given), str(metadata_of(content).get('name') or ''))
        raise invalid(named, [invalid_value('kind', given, f'must be {kind.name}')])


def validate_custom(kind: CustomKind, content: JSONObject, part: str | None = None) -> Iterator[Cause]:
    """The causes to refuse an object, by the schema of its kind; at the URL of the status, only those about it."""
    if part == 'status':
        declared = as_object(kind.declared.get('properties')).get('status')
        if declared is not None and 'status' in content:
            yield from check_value(content['status'], declared, 'status')
    else:
        yield from check_value(content, kind.declared)
    yield from check_scale(kind, content)
    yield from check_embedded(content, kind.schema)
    yield from check_lists(content, kind.schema)
