"""The roles and bindings that a real cluster has from the start, by which the parts of Kubernetes itself have rights.

The rules are those of Kubernetes 1.36 (``rbac/bootstrappolicy``), but for the roles of its single controllers, which do
not run here. A line is a rule: the verbs, the groups (``-`` is the core), the resources, and perhaps the names; or the
verbs and the paths.
"""

from collections.abc import Iterator, Mapping
from functools import cache

from kmock_k8s.model.encoding import JSONObject

API_GROUP = 'rbac.authorization.k8s.io'
API_VERSION = f'{API_GROUP}/v1'

_ANNOTATIONS = {'rbac.authorization.kubernetes.io/autoupdate': 'true'}
_LABELS = {'kubernetes.io/bootstrapping': 'rbac-defaults'}
_AGGREGATED = f'{API_GROUP}/aggregate-to-'

_VERBS = {
    'READ': 'get,list,watch',
    'WRITE': 'create,delete,deletecollection,patch,update',
    'ALL': 'create,delete,deletecollection,get,list,patch,update,watch',
    'EVENTS': 'create,patch,update',
}

_EVENTS = 'EVENTS -,events.k8s.io events'

CLUSTER_ROLES: Mapping[str, str] = {
    'cluster-admin': """
        * * *
        * *
    """,
    'system:basic-user': """
        create authorization.k8s.io selfsubjectaccessreviews,selfsubjectrulesreviews
        create authentication.k8s.io selfsubjectreviews
    """,
    'system:discovery': """
        get /api,/api/*,/apis,/apis/*,/healthz,/livez,/openapi,/openapi/*,/readyz,/version,/version/
        get /.well-known,/.well-known/*
    """,
    'system:public-info-viewer': 'get /healthz,/livez,/readyz,/version,/version/',
    'system:monitoring': 'get /healthz,/healthz/*,/livez,/livez/*,/metrics,/metrics/slis,/readyz,/readyz/*',
    'system:service-account-issuer-discovery': 'get /.well-known/openid-configuration,/openid/v1/jwks',
    'system:auth-delegator': """
        create authentication.k8s.io tokenreviews
        create authorization.k8s.io subjectaccessreviews
    """,
    'system:aggregate-to-admin': """
        create authorization.k8s.io localsubjectaccessreviews
        ALL rbac.authorization.k8s.io rolebindings,roles
    """,
    'system:aggregate-to-edit': """
        READ - pods/attach,pods/exec,pods/portforward,pods/proxy,secrets,services/proxy
        impersonate - serviceaccounts
        WRITE - pods,pods/attach,pods/exec,pods/portforward,pods/proxy
        create - pods/eviction
        WRITE - configmaps,events,persistentvolumeclaims,replicationcontrollers,replicationcontrollers/scale,secrets,\
serviceaccounts,services,services/proxy
        create - serviceaccounts/token
        WRITE apps daemonsets,deployments,deployments/rollback,deployments/scale,replicasets,replicasets/scale,\
statefulsets,statefulsets/scale
        WRITE autoscaling horizontalpodautoscalers
        WRITE batch cronjobs,jobs
        WRITE extensions daemonsets,deployments,deployments/rollback,deployments/scale,ingresses,networkpolicies,\
replicasets,replicasets/scale,replicationcontrollers/scale
        WRITE policy poddisruptionbudgets
        WRITE networking.k8s.io ingresses,networkpolicies
        ALL coordination.k8s.io leases
        WRITE resource.k8s.io resourceclaims,resourceclaimtemplates
    """,
    'system:aggregate-to-view': """
        READ - configmaps,endpoints,persistentvolumeclaims,persistentvolumeclaims/status,pods,replicationcontrollers,\
replicationcontrollers/scale,serviceaccounts,services,services/status
        READ - bindings,events,limitranges,namespaces/status,pods/log,pods/status,replicationcontrollers/status,\
resourcequotas,resourcequotas/status
        READ - namespaces
        READ discovery.k8s.io endpointslices
        READ apps controllerrevisions,daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,\
replicasets,replicasets/scale,replicasets/status,statefulsets,statefulsets/scale,statefulsets/status
        READ autoscaling horizontalpodautoscalers,horizontalpodautoscalers/status
        READ batch cronjobs,cronjobs/status,jobs,jobs/status
        READ extensions daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,ingresses,\
ingresses/status,networkpolicies,replicasets,replicasets/scale,replicasets/status,replicationcontrollers/scale
        READ policy poddisruptionbudgets,poddisruptionbudgets/status
        READ networking.k8s.io ingresses,ingresses/status,networkpolicies
        READ resource.k8s.io resourceclaims,resourceclaims/status,resourceclaimtemplates
    """,
    'system:certificates.k8s.io:certificatesigningrequests:nodeclient': """
        create certificates.k8s.io certificatesigningrequests/nodeclient
    """,
    'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient': """
        create certificates.k8s.io certificatesigningrequests/selfnodeclient
    """,
    **{
        f'system:certificates.k8s.io:{signer}-approver': f'approve certificates.k8s.io signers kubernetes.io/{signer}'
        for signer in ('kube-apiserver-client', 'kube-apiserver-client-kubelet', 'kubelet-serving', 'legacy-unknown')
    },
    'system:kube-aggregator': 'READ - endpoints,services',
    'system:kube-controller-manager': f"""
        {_EVENTS}
        create coordination.k8s.io leases
        get,update coordination.k8s.io leases kube-controller-manager
        create - secrets,serviceaccounts
        delete - secrets
        get - configmaps,namespaces,secrets,serviceaccounts
        update - secrets,serviceaccounts
        create authentication.k8s.io tokenreviews
        create authorization.k8s.io subjectaccessreviews
        list,watch * *
        create - serviceaccounts/token
    """,
    'system:kube-dns': 'list,watch - endpoints,services',
    'system:kube-scheduler': f"""
        {_EVENTS}
        create coordination.k8s.io leases
        get,update coordination.k8s.io leases kube-scheduler
        READ - nodes
        delete,get,list,watch - pods
        create - bindings,pods/binding
        patch,update - pods/status
        READ - replicationcontrollers,services
        READ apps,extensions replicasets
        READ apps statefulsets
        READ policy poddisruptionbudgets
        READ - persistentvolumeclaims,persistentvolumes
        create authentication.k8s.io tokenreviews
        create authorization.k8s.io subjectaccessreviews
        READ storage.k8s.io csinodes
        READ - namespaces
        READ storage.k8s.io csidrivers
        READ storage.k8s.io csistoragecapacities
    """,
    'system:kubelet-api-admin': """
        READ - nodes
        proxy - nodes
        * - nodes/log,nodes/metrics,nodes/proxy,nodes/stats
    """,
    'system:node': """
        create authentication.k8s.io tokenreviews
        create authorization.k8s.io localsubjectaccessreviews,subjectaccessreviews
        READ - services
        create,get,list,watch - nodes
        patch,update - nodes/status
        patch,update - nodes
        EVENTS - events
        READ - pods
        create,delete - pods
        patch,update - pods/status
        create - pods/eviction
        READ - configmaps,secrets
        get - persistentvolumeclaims,persistentvolumes
        get - endpoints
        create,get,list,watch certificates.k8s.io certificatesigningrequests
        create,delete,get,patch,update coordination.k8s.io leases
        get storage.k8s.io volumeattachments
        create - serviceaccounts/token
        get,patch,update - persistentvolumeclaims/status
        READ storage.k8s.io csidrivers
        create,delete,get,patch,update storage.k8s.io csinodes
        READ node.k8s.io runtimeclasses
    """,
    'system:node-bootstrapper': 'create,get,list,watch certificates.k8s.io certificatesigningrequests',
    'system:node-problem-detector': f"""
        get - nodes
        patch - nodes/status
        {_EVENTS}
    """,
    'system:node-proxier': f"""
        list,watch - endpoints,services
        READ - nodes
        {_EVENTS}
        list,watch discovery.k8s.io endpointslices
    """,
    'system:persistent-volume-provisioner': f"""
        create,delete,get,list,watch - persistentvolumes
        get,list,update,watch - persistentvolumeclaims
        READ storage.k8s.io storageclasses
        watch - events
        {_EVENTS}
    """,
    'system:volume-scheduler': """
        get,list,patch,update,watch - persistentvolumes
        READ storage.k8s.io storageclasses
        get,list,patch,update,watch - persistentvolumeclaims
    """,
}
"""The rules of the roles. The second one of ``system:discovery`` is in the recordings, but not in all distributions."""

_AGGREGATING = {
    'view': ('system:aggregate-to-view',),
    'edit': ('system:aggregate-to-edit', 'view'),
    'admin': ('edit', 'system:aggregate-to-admin'),
}
"""The roles that are made of others, each after those that it is made of."""

_AGGREGATED_TO = {
    'edit': 'admin', 'view': 'edit',
    'system:aggregate-to-admin': 'admin', 'system:aggregate-to-edit': 'edit', 'system:aggregate-to-view': 'view',
}  # fmt: skip

EVERYBODY = (
    ('system:basic-user', 'system:authenticated'),
    ('system:discovery', 'system:authenticated'),
    ('system:public-info-viewer', 'system:authenticated system:unauthenticated'),
)
"""Which roles everybody has, without anybody having done anything for it: the roles, and the groups."""

_BOUND = (
    ('cluster-admin', 'Group', 'system:masters'),
    ('system:kube-controller-manager', 'User', 'system:kube-controller-manager'),
    ('system:kube-scheduler', 'User', 'system:kube-scheduler'),
    ('system:volume-scheduler', 'User', 'system:kube-scheduler'),
    ('system:monitoring', 'Group', 'system:monitoring'),
    ('system:node-proxier', 'User', 'system:kube-proxy'),
    ('system:service-account-issuer-discovery', 'Group', 'system:serviceaccounts'),
)


@cache
def parse_rules(text: str) -> tuple[JSONObject, ...]:
    """The rules that are written down in lines."""
    return tuple(_parse(line) for line in text.strip().splitlines())


def _parse(line: str) -> JSONObject:
    verbs, *rest = line.split()
    rule: JSONObject = {'verbs': _VERBS.get(verbs, verbs).split(',')}
    if len(rest) == 1:
        return {**rule, 'nonResourceURLs': rest[0].split(',')}
    rule['apiGroups'] = ['' if group == '-' else group for group in rest[0].split(',')]
    rule['resources'] = rest[1].split(',')
    return {**rule, 'resourceNames': rest[2].split(',')} if len(rest) > 2 else rule


def list_everybody() -> Iterator[JSONObject]:
    """The roles that count without being in the store, and their bindings: those of everybody, and of masters."""
    for role, groups in (*EVERYBODY, ('cluster-admin', 'system:masters')):
        yield _make('ClusterRole', role, {'rules': [*parse_rules(CLUSTER_ROLES[role])]})
        yield _bind(role, 'Group', groups)


def list_bootstrap() -> Iterator[JSONObject]:
    """All cluster roles and their bindings."""
    for name, text in CLUSTER_ROLES.items():
        yield _make('ClusterRole', name, {'rules': [*parse_rules(text)]})
    for name in _AGGREGATING:
        selector = {'matchLabels': {f'{_AGGREGATED}{name}': 'true'}}
        fields = {'aggregationRule': {'clusterRoleSelectors': [selector]}, 'rules': [*_aggregate(name)]}
        yield _make('ClusterRole', name, fields)
    for role, groups in EVERYBODY:
        yield _bind(role, 'Group', groups)
    for role, kind, subject in _BOUND:
        yield _bind(role, kind, subject)
    yield from _list_readers()


def _aggregate(name: str) -> Iterator[JSONObject]:
    for part in _AGGREGATING[name]:
        yield from parse_rules(CLUSTER_ROLES[part]) if part in CLUSTER_ROLES else _aggregate(part)


def _make(kind: str, name: str, fields: JSONObject, namespace: str | None = None) -> JSONObject:
    target = _AGGREGATED_TO.get(name)
    labels = {**_LABELS, f'{_AGGREGATED}{target}': 'true'} if target and kind == 'ClusterRole' else _LABELS
    metadata: JSONObject = {'name': name, 'labels': {**labels}, 'annotations': {**_ANNOTATIONS}}
    if namespace is not None:
        metadata['namespace'] = namespace
    return {'apiVersion': API_VERSION, 'kind': kind, 'metadata': metadata, **fields}


def _bind(role: str, kind: str, subjects: str) -> JSONObject:
    bound = [{'kind': kind, 'apiGroup': API_GROUP, 'name': name} for name in subjects.split()]
    reference = {'apiGroup': API_GROUP, 'kind': 'ClusterRole', 'name': role}
    return _make('ClusterRoleBinding', role, {'roleRef': reference, 'subjects': bound})


def _list_readers() -> Iterator[JSONObject]:
    """How servers of other APIs learn whom to trust."""
    name, system = 'extension-apiserver-authentication-reader', 'kube-system'
    rule = 'READ - configmaps extension-apiserver-authentication'
    yield _make('Role', name, {'rules': [*parse_rules(rule)]}, system)
    users = ('system:kube-controller-manager', 'system:kube-scheduler')
    fields = {
        'roleRef': {'apiGroup': API_GROUP, 'kind': 'Role', 'name': name},
        'subjects': [{'kind': 'User', 'apiGroup': API_GROUP, 'name': user} for user in users],
    }
    yield _make('RoleBinding', f'system::{name}', fields, system)
