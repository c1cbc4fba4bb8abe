"""The defaults that depend on other fields, by the types where they are (``SetDefaults_*`` of Kubernetes)."""

from collections.abc import Callable, Mapping
from typing import Any

from kmock_k8s.cluster.crds.defaulting import default_spec
from kmock_k8s.cluster.defaulting.jobs import default_job
from kmock_k8s.cluster.defaulting.pods import default_pod
from kmock_k8s.cluster.defaulting.services import default_service_spec
from kmock_k8s.cluster.defaulting.zeros import APPS, BATCH, CORE
from kmock_k8s.cluster.structures import part_of
from kmock_k8s.model.encoding import JSONObject

TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation'
"""The annotation of DaemonSets with the number of their templates."""


def _default_container(container: JSONObject) -> None:
    if not container.get('imagePullPolicy'):
        container['imagePullPolicy'] = pull_policy(container.get('image') or '')


def pull_policy(image: str) -> str:
    """How an image is pulled, by its tag: always, if it is the latest one."""
    name, digest, _ = image.partition('@')
    _, colon, tag = name.rpartition('/')[2].partition(':')
    return 'IfNotPresent' if digest or (colon and tag != 'latest') else 'Always'


def _default_volume(volume: JSONObject) -> None:
    if len(volume) == 1 and 'name' in volume:
        volume['emptyDir'] = {}


def _default_pod_spec(spec: JSONObject) -> None:
    if not spec.get('hostNetwork'):
        return
    for field in ('containers', 'initContainers'):
        for container in spec.get(field) or ():
            for port in container.get('ports') or ():
                if not port.get('hostPort') and port.get('containerPort'):
                    port['hostPort'] = port['containerPort']


def _default_service_account(spec: JSONObject) -> None:
    """Keep the old name of a field the same as the new one."""
    name = spec.get('serviceAccountName') or spec.get('serviceAccount')
    if name:
        spec['serviceAccountName'] = spec['serviceAccount'] = name


def _default_all_of_pod_spec(spec: JSONObject) -> None:
    _default_pod_spec(spec)
    _default_service_account(spec)


def _default_strategy(strategy: JSONObject) -> None:
    if strategy.get('type') == 'RollingUpdate' and 'rollingUpdate' not in strategy:
        strategy['rollingUpdate'] = {}


def _default_load_balancer_ingress(ingress: JSONObject) -> None:
    if ingress.get('ip'):
        ingress.setdefault('ipMode', 'VIP')


def _default_subject(subject: JSONObject) -> None:
    if not subject.get('apiGroup') and subject.get('kind') in {'User', 'Group'}:
        subject['apiGroup'] = 'rbac.authorization.k8s.io'


def _default_network_policy(spec: JSONObject) -> None:
    if not spec.get('policyTypes'):
        spec['policyTypes'] = ['Ingress', 'Egress'] if spec.get('egress') else ['Ingress']


def _default_stateful_set(spec: JSONObject) -> None:
    for claim in spec.get('volumeClaimTemplates') or ():
        claim.update({'kind': 'PersistentVolumeClaim', 'apiVersion': 'v1'})


def _default_scaling_rules(behavior: JSONObject) -> None:
    up: JSONObject = behavior.setdefault('scaleUp', {})
    up.setdefault('stabilizationWindowSeconds', 0)
    up.setdefault('selectPolicy', 'Max')
    if not up.get('policies'):
        up['policies'] = [
            {'type': 'Pods', 'value': 4, 'periodSeconds': 15},
            {'type': 'Percent', 'value': 100, 'periodSeconds': 15},
        ]
    down: JSONObject = behavior.setdefault('scaleDown', {})
    down.setdefault('selectPolicy', 'Max')
    if not down.get('policies'):
        down['policies'] = [{'type': 'Percent', 'value': 100, 'periodSeconds': 15}]


def _default_autoscaler(spec: JSONObject) -> None:
    if not spec.get('metrics'):
        target = {'type': 'Utilization', 'averageUtilization': 80}
        spec['metrics'] = [{'type': 'Resource', 'resource': {'name': 'cpu', 'target': target}}]


def _default_limits(item: JSONObject) -> None:
    """The limits and the requests of containers, where the others tell of them."""
    if item.get('type') != 'Container':
        return
    default: JSONObject = {**part_of(item, 'max'), **part_of(item, 'default')}
    requested = {**part_of(item, 'min'), **default, **part_of(item, 'defaultRequest')}
    for field, amounts in (('default', default), ('defaultRequest', requested)):
        if amounts:
            item[field] = amounts


def _default_node_status(status: JSONObject) -> None:
    """Let all that a node has be there for pods, unless it says otherwise."""
    if status.get('capacity') and 'allocatable' not in status:
        status['allocatable'] = dict(status['capacity'])


def _default_replication_controller(content: JSONObject) -> None:
    spec: JSONObject = content['spec']
    labels: Any = part_of(spec, 'template', 'metadata').get('labels')
    if labels:
        if not spec.get('selector'):
            spec['selector'] = dict(labels)
        if not content['metadata'].get('labels'):
            content['metadata']['labels'] = dict(labels)


def _default_secret(content: JSONObject) -> None:
    """Encode what was sent as texts."""
    texts: Any = content.pop('stringData', None)
    if texts:
        import base64

        encoded = {key: base64.b64encode(text.encode()).decode() for key, text in texts.items()}
        content['data'] = {**part_of(content, 'data'), **encoded}


def _default_daemon_set(content: JSONObject) -> None:
    """Count the templates, as clients of long ago expect it."""
    metadata: JSONObject = content['metadata']
    metadata['annotations'] = {TEMPLATE_GENERATION: '1', **part_of(metadata, 'annotations')}


DEFAULTERS: Mapping[str, Callable[[JSONObject], None]] = {
    f'{CORE}Pod': default_pod,
    f'{CORE}ServiceSpec': default_service_spec,
    f'{CORE}Secret': _default_secret,
    f'{APPS}DaemonSet': _default_daemon_set,
    f'{CORE}ReplicationController': _default_replication_controller,
    f'{BATCH}Job': default_job,
    f'{CORE}Container': _default_container,
    f'{CORE}EphemeralContainer': _default_container,
    f'{CORE}Volume': _default_volume,
    f'{CORE}PodSpec': _default_all_of_pod_spec,
    f'{CORE}LimitRangeItem': _default_limits,
    f'{CORE}NodeStatus': _default_node_status,
    f'{CORE}LoadBalancerIngress': _default_load_balancer_ingress,
    f'{APPS}DeploymentStrategy': _default_strategy,
    f'{APPS}DaemonSetUpdateStrategy': _default_strategy,
    f'{APPS}StatefulSetUpdateStrategy': _default_strategy,
    f'{APPS}StatefulSetSpec': _default_stateful_set,
    'io.k8s.api.rbac.v1.Subject': _default_subject,
    'io.k8s.api.networking.v1.NetworkPolicySpec': _default_network_policy,
    'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerSpec': _default_autoscaler,
    'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerBehavior': _default_scaling_rules,
    'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionSpec': default_spec,
}
"""What sets the defaults of a type, after those that depend on nothing."""
