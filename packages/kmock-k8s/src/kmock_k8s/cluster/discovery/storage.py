"""What the objects of built-in resources are stored as: ``storageVersionHash`` is made of it."""

from kmock_k8s.api.describing import Description
from kmock_k8s.model.resources import resource
from kmock_k8s.schemas import builtin

_ELSEWHERE = {
    ('events.k8s.io', 'Event'): '/v1/Event',
    ('autoscaling', 'HorizontalPodAutoscaler'): 'autoscaling/v2/HorizontalPodAutoscaler',
    ('admissionregistration.k8s.io', 'MutatingAdmissionPolicy'): (
        'admissionregistration.k8s.io/v1beta1/MutatingAdmissionPolicy'
    ),
    ('admissionregistration.k8s.io', 'MutatingAdmissionPolicyBinding'): (
        'admissionregistration.k8s.io/v1beta1/MutatingAdmissionPolicyBinding'
    ),
    ('apiextensions.k8s.io', 'CustomResourceDefinition'): 'apiextensions.k8s.io/v1beta1/CustomResourceDefinition',
}
"""Those that a server of 1.36 does not store as what they are served as; of the others, the version is the same."""


def find_storage(one: resource, described: Description) -> str:
    """What the objects of a resource are stored as; empty if they are not, or if it is no built-in one."""
    group, version, _ = one.key
    kind = described.kind
    if 'watch' not in described.verbs or builtin(group, version, kind) is None:
        return ''
    return _ELSEWHERE.get((group, kind), f'{group}/{version}/{kind}')
