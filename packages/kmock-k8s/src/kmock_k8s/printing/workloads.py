"""The cells of what runs pods: how many there are of how many wanted, and from which images."""

from datetime import datetime
from typing import Any

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.printing.ages import print_age
from kmock_k8s.printing.fields import flag, name_of, number, part, parts, text
from kmock_k8s.printing.labels import NONE, print_labels, print_selector, write_selector


def print_deployment(deployment: JSONObject, now: datetime) -> list[Any]:
    """A Deployment: its selector is empty where those of others are ``<none>``."""
    status = part(deployment, 'status')
    selector = write_selector(part(deployment, 'spec', 'selector'))
    return [
        name_of(deployment),
        f'{number(status, "readyReplicas")}/{wanted(deployment)}',
        number(status, 'updatedReplicas'),
        number(status, 'availableReplicas'),
        print_age(deployment, now),
        *layout(part(deployment, 'spec', 'template')),
        '<invalid>' if selector is None else selector,
    ]


def print_replica_set(owner: JSONObject, now: datetime) -> list[Any]:
    """A ReplicaSet."""
    return [*_print_replicas(owner, now), print_selector(owner, 'spec', 'selector')]


def print_replication_controller(owner: JSONObject, now: datetime) -> list[Any]:
    """A ReplicationController: it selects by labels alone."""
    return [*_print_replicas(owner, now), print_labels(owner, 'spec', 'selector')]


def print_stateful_set(owner: JSONObject, now: datetime) -> list[Any]:
    """A StatefulSet."""
    ready = f'{number(owner, "status", "readyReplicas")}/{wanted(owner)}'
    return [name_of(owner), ready, print_age(owner, now), *layout(part(owner, 'spec', 'template'))]


def print_daemon_set(owner: JSONObject, now: datetime) -> list[Any]:
    """A DaemonSet."""
    status = part(owner, 'status')
    return [
        name_of(owner),
        number(status, 'desiredNumberScheduled'),
        number(status, 'currentNumberScheduled'),
        number(status, 'numberReady'),
        number(status, 'updatedNumberScheduled'),
        number(status, 'numberAvailable'),
        print_labels(owner, 'spec', 'template', 'spec', 'nodeSelector'),
        print_age(owner, now),
        *layout(part(owner, 'spec', 'template')),
        print_selector(owner, 'spec', 'selector'),
    ]


def print_pod_template(template: JSONObject, now: datetime) -> list[Any]:
    """A PodTemplate."""
    inner = part(template, 'template')
    return [name_of(template), *layout(inner), print_labels(inner, 'metadata', 'labels')]


def print_controller_revision(revision: JSONObject, now: datetime) -> list[Any]:
    """A ControllerRevision, with what controls it: ``daemonset.apps/web``."""
    owner = next((one for one in parts(revision, 'metadata', 'ownerReferences') if flag(one, 'controller')), None)
    shown = NONE
    if owner is not None:
        group, _, _ = text(owner, 'apiVersion').rpartition('/')
        kind = f'{text(owner, "kind")}.{group}' if group else text(owner, 'kind')
        shown = f'{kind.lower()}/{text(owner, "name")}' if kind else text(owner, 'name')
    return [name_of(revision), shown, number(revision, 'revision'), print_age(revision, now)]


def wanted(owner: JSONObject) -> int:
    """How many pods there are to be."""
    return number(owner, 'spec', 'replicas', default=1)


def layout(template: JSONObject) -> tuple[str, str]:
    """The names of the containers of a template, and their images."""
    containers = parts(template, 'spec', 'containers')
    return ','.join(text(one, 'name') for one in containers), ','.join(text(one, 'image') for one in containers)


def _print_replicas(owner: JSONObject, now: datetime) -> list[Any]:
    status = part(owner, 'status')
    return [
        name_of(owner),
        wanted(owner),
        number(status, 'replicas'),
        number(status, 'readyReplicas'),
        print_age(owner, now),
        *layout(part(owner, 'spec', 'template')),
    ]
