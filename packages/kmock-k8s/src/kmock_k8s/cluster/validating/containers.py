"""What keeps containers from being valid."""

from collections.abc import Iterator, Mapping
from typing import Any

from kmock_k8s.cluster.formats.quantities import amount_of
from kmock_k8s.cluster.naming import check_label, check_qualified, check_subdomain
from kmock_k8s.cluster.statuses import Cause, duplicate, forbidden, invalid_value, not_found_value, required
from kmock_k8s.cluster.structures import part_of
from kmock_k8s.cluster.validating.config import check_config_key
from kmock_k8s.cluster.validating.probes import check_lifecycle, check_probes
from kmock_k8s.cluster.validating.values import (
    PROTOCOLS,
    check_choice,
    check_named,
    check_port,
    check_port_name,
    check_text,
)
from kmock_k8s.model.encoding import JSONObject

_PULL_POLICIES = ('Always', 'IfNotPresent', 'Never')
_STANDARD = ('cpu', 'memory', 'ephemeral-storage')
_SOURCES = ('fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef')
_VARIABLE_TEXT = "a valid environment variable name must consist only of printable ASCII characters other than '='"


def check_containers(spec: JSONObject, field: str, volumes: Mapping[str, JSONObject]) -> Iterator[Cause]:
    """The causes to refuse the containers of a pod, those that come first too.

    Args:
        spec: that of the pod.
        field: where it is.
        volumes: what can be mounted.
    """
    containers: list[JSONObject] = spec.get('containers') or []
    if not containers:
        yield required(f'{field}.containers')
    names: set[str] = set()
    for part in ('containers', 'initContainers'):
        for index, container in enumerate(spec.get(part) or ()):
            path = f'{field}.{part}[{index}]'
            yield from check_container(container, path, volumes)
            name: str = container.get('name') or ''
            if name in names:
                yield duplicate(f'{path}.name', name)
            if name:
                names.add(name)
            if part == 'containers' or container.get('restartPolicy') == 'Always':
                yield from check_lifecycle(container, path)
                yield from check_probes(container, path)
            else:
                for probe in ('lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'):
                    if probe in container:
                        detail = 'may not be set for init containers without restartPolicy=Always'
                        yield forbidden(f'{path}.{probe}', detail)


def check_container(container: JSONObject, path: str, volumes: Mapping[str, JSONObject]) -> Iterator[Cause]:
    """The causes to refuse a container of any sort."""
    yield from check_named(container.get('name'), f'{path}.name', check_label)
    image: str = container.get('image') or ''
    if not image:
        yield required(f'{path}.image')
    elif image != image.strip():
        yield invalid_value(f'{path}.image', image, 'must not have leading or trailing whitespace')
    field, policies = 'terminationMessagePolicy', ('FallbackToLogsOnError', 'File')
    yield from check_choice(container.get(field), f'{path}.{field}', policies)
    yield from _check_ports(container.get('ports') or [], f'{path}.ports')
    yield from _check_variables(container.get('env') or [], f'{path}.env')
    yield from _check_mounts(container.get('volumeMounts') or [], f'{path}.volumeMounts', volumes)
    yield from check_choice(container.get('imagePullPolicy'), f'{path}.imagePullPolicy', _PULL_POLICIES)
    yield from check_resources(part_of(container, 'resources'), f'{path}.resources')


def _check_ports(ports: list[JSONObject], path: str) -> Iterator[Cause]:
    names: set[str] = set()
    for index, port in enumerate(ports):
        field = f'{path}[{index}]'
        name = port.get('name')
        if name:
            wrong = [*check_text(name, f'{field}.name', check_port_name)]
            yield from wrong
            if not wrong and name in names:
                yield duplicate(f'{field}.name', name)
            names.add(name)
        if not port.get('containerPort'):
            yield required(f'{field}.containerPort')
        else:
            yield from check_port(port['containerPort'], f'{field}.containerPort')
        if port.get('hostPort'):
            yield from check_port(port['hostPort'], f'{field}.hostPort')
        yield from check_choice(port.get('protocol'), f'{field}.protocol', PROTOCOLS)


def _check_variables(variables: list[JSONObject], path: str) -> Iterator[Cause]:
    for index, variable in enumerate(variables):
        field = f'{path}[{index}]'
        yield from check_named(variable.get('name'), f'{field}.name', _check_variable_name)
        source: JSONObject | None = variable.get('valueFrom')
        if source is not None:
            yield from _check_source(source, variable, f'{field}.valueFrom')


def _check_variable_name(name: str) -> Iterator[str]:
    if not all(' ' <= char <= '~' and char != '=' for char in name):
        yield _VARIABLE_TEXT


def _check_source(source: JSONObject, variable: JSONObject, path: str) -> Iterator[Cause]:
    known = [one for one in _SOURCES if one in source]
    if not known:
        listed = ', '.join(f'`{one}`' for one in _SOURCES[:-1])
        yield invalid_value(path, '', f'must specify one of: {listed} or `{_SOURCES[-1]}`')
    elif variable.get('value'):
        yield invalid_value(path, '', 'may not be specified when `value` is not empty')
    elif len(known) > 1:
        yield invalid_value(path, '', 'may not have more than one field specified at a time')
    for one in ('configMapKeyRef', 'secretKeyRef'):
        if one in source:
            yield from check_text(source[one].get('name') or '', f'{path}.{one}.name', check_subdomain)
            yield from check_named(source[one].get('key'), f'{path}.{one}.key', check_config_key)
    if 'fieldRef' in source:
        yield from check_named(source['fieldRef'].get('fieldPath'), f'{path}.fieldRef.fieldPath', _check_nothing)


def _check_nothing(value: str) -> Iterator[str]:
    return iter(())


def _check_mounts(mounts: list[JSONObject], path: str, volumes: Mapping[str, JSONObject]) -> Iterator[Cause]:
    places: set[str] = set()
    for index, mount in enumerate(mounts):
        field = f'{path}[{index}]'
        name, place = mount.get('name'), mount.get('mountPath')
        if not name:
            yield required(f'{field}.name')
        elif name not in volumes:
            yield not_found_value(f'{field}.name', name)
        if not place:
            yield required(f'{field}.mountPath')
        elif place in places:
            yield invalid_value(f'{field}.mountPath', place, 'must be unique')
        places.add(place or '')
        if mount.get('subPath') and mount.get('subPathExpr'):
            detail = 'subPathExpr and subPath are mutually exclusive'
            yield invalid_value(f'{field}.subPathExpr', mount['subPathExpr'], detail)
        for part in ('subPath', 'subPathExpr'):
            yield from _check_relative(mount.get(part) or '', f'{field}.{part}')


def _check_relative(value: str, field: str) -> Iterator[Cause]:
    if value.startswith('/'):
        yield invalid_value(field, value, 'must be a relative path')
    if '..' in value.split('/'):
        yield invalid_value(field, value, "must not contain '..'")


def check_resources(resources: JSONObject, path: str) -> Iterator[Cause]:
    """The causes to refuse what a container asks for: amounts below zero, and more than its limits."""
    limits: JSONObject = part_of(resources, 'limits')
    requests: JSONObject = part_of(resources, 'requests')
    for name, value in limits.items():
        yield from _check_amount(name, value, f'{path}.limits')
    for name, value in requests.items():
        yield from _check_amount(name, value, f'{path}.requests')
        if name in limits and amount_of(value) > amount_of(limits[name]):
            detail = f'must be less than or equal to {name} limit of {limits[name]}'
            yield invalid_value(f'{path}.requests', value, detail)


def _check_amount(name: str, value: Any, path: str) -> Iterator[Cause]:
    field = f'{path}[{name}]'
    yield from check_text(name, field, check_qualified)
    if '/' not in name and name not in _STANDARD and not name.startswith('hugepages-'):
        yield invalid_value(field, name, 'must be a standard resource type or fully qualified')
        yield invalid_value(field, name, 'must be a standard resource for containers')
    if amount_of(value) < 0:
        yield invalid_value(field, value, 'must be greater than or equal to 0')
