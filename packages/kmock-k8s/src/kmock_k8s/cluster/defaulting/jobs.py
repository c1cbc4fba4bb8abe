"""What the server sets in jobs: among others, the selector and the labels of their pods."""

from typing import Any

from kmock_k8s.cluster.structures import part_of
from kmock_k8s.model.encoding import JSONObject

_PREFIX = 'batch.kubernetes.io/'
_MAX = 2**31 - 1


def default_job(content: JSONObject) -> None:
    """Set what is there by default in a job, but not in templates of jobs."""
    spec: JSONObject = content['spec']
    if 'completions' not in spec and 'parallelism' not in spec:
        spec['completions'] = 1
    spec.setdefault('parallelism', 1)
    spec.setdefault('completionMode', 'NonIndexed')
    spec.setdefault('suspend', False)
    spec.setdefault('manualSelector', False)
    spec.setdefault('backoffLimit', 6 if spec.get('backoffLimitPerIndex') is None else _MAX)
    spec.setdefault('podReplacementPolicy', 'Failed' if spec.get('podFailurePolicy') else 'TerminatingOrFailed')


def prepare_job(content: JSONObject, live: JSONObject | None) -> None:
    """Let a job select its pods, and have their labels."""
    spec: JSONObject = content['spec']
    metadata: JSONObject = content['metadata']
    template: JSONObject = part_of(spec, 'template')
    if live is None and not spec['manualSelector']:
        _select(spec, template, metadata)
    labels: Any = part_of(template, 'metadata').get('labels')
    if labels and not metadata.get('labels'):
        metadata['labels'] = dict(labels)


def _select(spec: JSONObject, template: JSONObject, metadata: JSONObject) -> None:
    """Select the pods of this job alone."""
    uid, name = metadata.get('uid') or '', metadata.get('name') or ''
    described: JSONObject = template.setdefault('metadata', {})
    described['labels'] = {
        **part_of(described, 'labels'),
        f'{_PREFIX}controller-uid': uid,
        f'{_PREFIX}job-name': name,
        'controller-uid': uid,
        'job-name': name,
    }
    selector: JSONObject = spec.setdefault('selector', {})
    selector['matchLabels'] = {**part_of(selector, 'matchLabels'), f'{_PREFIX}controller-uid': uid}
