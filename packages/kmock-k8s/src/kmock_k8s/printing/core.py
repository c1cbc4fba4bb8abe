"""The cells of the other kinds of the core group."""

from datetime import datetime
from typing import Any

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.printing.ages import print_age
from kmock_k8s.printing.fields import name_of, part, parts, quantity, text


def print_config_map(one: JSONObject, now: datetime) -> list[Any]:
    """A ConfigMap: how many values it has."""
    return [name_of(one), len(part(one, 'data')) + len(part(one, 'binaryData')), print_age(one, now)]


def print_secret(one: JSONObject, now: datetime) -> list[Any]:
    """A Secret: of which type it is, and how many values it has."""
    return [name_of(one), text(one, 'type', default='Opaque'), len(part(one, 'data')), print_age(one, now)]


def print_namespace(one: JSONObject, now: datetime) -> list[Any]:
    """A Namespace."""
    return [name_of(one), text(one, 'status', 'phase', default='Active'), print_age(one, now)]


def print_component_status(one: JSONObject, now: datetime) -> list[Any]:
    """A ComponentStatus: there are none any more, but for their kind."""
    for condition in parts(one, 'conditions'):
        if text(condition, 'type') == 'Healthy':
            health = 'Healthy' if text(condition, 'status') == 'True' else 'Unhealthy'
            return [name_of(one), health, text(condition, 'message'), text(condition, 'error')]
    return [name_of(one), 'Unknown', '', '']


def print_resource_quota(one: JSONObject, now: datetime) -> list[Any]:
    """A ResourceQuota: what is used of what there is, limits apart from requests."""
    used, hard = part(one, 'status', 'used'), part(one, 'status', 'hard')
    shown: dict[bool, list[str]] = {False: [], True: []}
    for name in sorted(hard):
        shown[name.startswith('limits.')].append(f'{name}: {quantity(used, name)}/{quantity(hard, name)}')
    return [name_of(one), ', '.join(shown[False]), ', '.join(shown[True]), print_age(one, now)]
