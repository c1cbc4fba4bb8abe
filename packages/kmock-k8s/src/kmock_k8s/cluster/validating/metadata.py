"""What keeps the metadata of objects from being valid."""

from collections.abc import Iterator

from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.naming import (
    NO_FINALIZER,
    check_annotations,
    check_finalizers,
    check_labels,
    check_name,
    check_names,
    check_owners,
    check_qualified,
    is_full_finalizer,
)
from kmock_k8s.cluster.statuses import Cause, invalid_value, required
from kmock_k8s.cluster.structures import part_of
from kmock_k8s.model.encoding import JSONObject


def validate_metadata(kind: Kind, metadata: JSONObject, known: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse metadata; with what they were before: what is the same was valid."""
    live: JSONObject = known or {}
    if not metadata.get('name'):
        yield required('metadata.name', 'name or generateName is required')
    elif known is None:
        yield from check_names(metadata, check_name(kind.group, kind.name))
    if (metadata.get('generation') or 0) < 0:
        yield invalid_value('metadata.generation', metadata['generation'], 'must be greater than or equal to 0')
    if metadata.get('labels') != live.get('labels'):
        yield from check_labels(part_of(metadata, 'labels'), 'metadata.labels')
    if metadata.get('annotations') != live.get('annotations'):
        yield from check_annotations(part_of(metadata, 'annotations'), 'metadata.annotations')
    yield from check_owners(metadata.get('ownerReferences') or [], 'metadata.ownerReferences')
    yield from check_finalizers(metadata.get('finalizers') or [], 'metadata.finalizers', builtin=kind.is_builtin)


def validate_finalized(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse the finalizers of a namespace."""
    for index, finalizer in enumerate(part_of(content, 'spec').get('finalizers') or ()):
        field = f'spec.finalizers[{index}]'
        for detail in check_qualified(finalizer):
            yield invalid_value(field, finalizer, detail)
        if not is_full_finalizer(finalizer):
            yield invalid_value(field, finalizer, NO_FINALIZER)
