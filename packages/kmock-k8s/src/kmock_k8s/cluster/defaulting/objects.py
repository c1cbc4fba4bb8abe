"""What the server sets in whole objects when they are created or updated, by their kinds."""

from collections.abc import Callable, Mapping

from kmock_k8s.cluster.crds.defaulting import prepare_definition
from kmock_k8s.cluster.defaulting.jobs import prepare_job
from kmock_k8s.cluster.defaulting.pods import prepare_pod
from kmock_k8s.cluster.defaulting.services import prepare_service
from kmock_k8s.cluster.defaulting.types import TEMPLATE_GENERATION
from kmock_k8s.cluster.structures import part_of
from kmock_k8s.model.encoding import JSONObject

Preparer = Callable[[JSONObject, JSONObject | None], None]
"""Sets what is there by default in an object; with what it was before, if it is an update."""


def label_namespace(metadata: JSONObject) -> None:
    """Let a namespace have its name as a label, which can be selected."""
    metadata['labels'] = {**part_of(metadata, 'labels'), 'kubernetes.io/metadata.name': metadata.get('name') or ''}


def _prepare_namespace(content: JSONObject, live: JSONObject | None) -> None:
    label_namespace(content['metadata'])  # once more: now it has a name, if that is a generated one
    if live is None:
        content['spec'] = {**part_of(content, 'spec'), 'finalizers': ['kubernetes']}
        content['status'] = {'phase': 'Active'}
    else:
        content['spec'] = live.get('spec', {})


def _prepare_daemon_set(content: JSONObject, live: JSONObject | None) -> None:
    """Count the templates, as clients of long ago expect it."""
    metadata: JSONObject = content['metadata']
    number = 1
    if live is not None:
        known = part_of(live['metadata'], 'annotations')
        text = str(known.get(TEMPLATE_GENERATION) or '1')
        number = int(text) if text.isdecimal() else 1
        number += live['spec'].get('template') != content['spec'].get('template')
    metadata['annotations'] = {**part_of(metadata, 'annotations'), TEMPLATE_GENERATION: str(number)}


def _protect(finalizer: str) -> Preparer:
    """What is in use does not go: it is held until controllers have seen that nobody uses it."""

    def prepare(content: JSONObject, live: JSONObject | None) -> None:
        metadata: JSONObject = content['metadata']
        finalizers: list[str] = metadata.get('finalizers') or []
        if live is None and finalizer not in finalizers:
            metadata['finalizers'] = [*finalizers, finalizer]

    return prepare


PREPARERS: Mapping[tuple[str, str], Preparer] = {
    ('', 'Namespace'): _prepare_namespace,
    ('', 'Pod'): prepare_pod,
    ('', 'Service'): prepare_service,
    ('', 'PersistentVolumeClaim'): _protect('kubernetes.io/pvc-protection'),
    ('', 'PersistentVolume'): _protect('kubernetes.io/pv-protection'),
    ('apps', 'DaemonSet'): _prepare_daemon_set,
    ('batch', 'Job'): prepare_job,
    ('apiextensions.k8s.io', 'CustomResourceDefinition'): prepare_definition,
}
"""What sets the defaults of whole objects, after those of the types that they consist of."""
