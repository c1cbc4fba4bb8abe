"""The metrics of autoscalers: their names of fields in the annotations of v1, and those in v2.

In v1, they are flat: ``targetAverageValue``; in v2, each has its ``metric``, and its ``target`` or ``current``.
"""

from collections.abc import Callable, Mapping
from typing import Any

from kmock_k8s.cluster.structures import part_of
from kmock_k8s.model.encoding import JSONObject

_REFERENCE = ('kind', 'name', 'apiVersion')
_OBJECT, _PODS, _RESOURCE, _CONTAINER, _EXTERNAL = 'object', 'pods', 'resource', 'containerResource', 'external'


def is_of_processor(metric: JSONObject) -> bool:
    """Tell if a metric of v2 is the one that v1 knows."""
    resource: JSONObject = part_of(metric, _RESOURCE)
    is_known = metric.get('type') == 'Resource' and resource.get('name') == 'cpu'
    return is_known and part_of(resource, 'target').get('averageUtilization') is not None


def find_load(metrics: list[Any], field: str) -> Any:
    """The load of processors that is wanted, or measured, in percent; None if that is no metric."""
    resources = [part_of(metric, _RESOURCE) for metric in metrics if metric.get('type') == 'Resource']
    loads = [part_of(one, field).get('averageUtilization') for one in resources if one.get('name') == 'cpu']
    return next((load for load in loads[: 1 if field == 'target' else None] if load is not None), None)


def write_metric(metric: JSONObject) -> JSONObject:
    """A metric of v2 as it stands in the annotation of v1."""
    return _each(metric, _WRITERS, 'target')


def read_metric(metric: JSONObject) -> JSONObject:
    """The reverse."""
    return _each(metric, _READERS, 'target')


def write_reading(reading: JSONObject) -> JSONObject:
    """The current value of a metric of v2 as it stands in the annotation of v1."""
    return _each(reading, _WRITERS, 'current')


def read_reading(reading: JSONObject) -> JSONObject:
    """The reverse."""
    return _each(reading, _READERS, 'current')


_Convert = Callable[[JSONObject, str], JSONObject]


def _each(metric: JSONObject, converters: Mapping[str, _Convert], field: str) -> JSONObject:
    parts = {
        name: _present(convert(part_of(metric, name), field))
        for name, convert in converters.items()
        if metric.get(name) is not None
    }
    return {'type': metric.get('type') or '', **parts}


def _present(content: JSONObject) -> JSONObject:
    return {name: value for name, value in content.items() if value is not None}


# ---- Writing ----


def _write_object(source: JSONObject, field: str) -> JSONObject:
    value, metric, described = part_of(source, field), part_of(source, 'metric'), part_of(source, 'describedObject')
    return {
        'target': {name: described[name] for name in _REFERENCE if described.get(name)},
        'metricName': metric.get('name') or '',
        f'{field}Value': value.get('value', '0'),
        'selector': metric.get('selector'),
        'averageValue': value.get('averageValue'),
    }


def _write_pods(source: JSONObject, field: str) -> JSONObject:
    metric = part_of(source, 'metric')
    return {
        'metricName': metric.get('name') or '',
        f'{field}AverageValue': part_of(source, field).get('averageValue', '0'),
        'selector': metric.get('selector'),
    }


def _write_resource(source: JSONObject, field: str) -> JSONObject:
    value = part_of(source, field)
    average = value.get('averageValue', None if field == 'target' else '0')
    return {
        'name': source.get('name') or '',
        f'{field}AverageUtilization': value.get('averageUtilization'),
        f'{field}AverageValue': average,
    }


def _write_container(source: JSONObject, field: str) -> JSONObject:
    return {**_write_resource(source, field), 'container': source.get('container') or ''}


def _write_external(source: JSONObject, field: str) -> JSONObject:
    value, metric = part_of(source, field), part_of(source, 'metric')
    return {
        'metricName': metric.get('name') or '',
        'metricSelector': metric.get('selector'),
        f'{field}Value': value.get('value', None if field == 'target' else '0'),
        f'{field}AverageValue': value.get('averageValue'),
    }


# ---- Reading ----


def _read_object(source: JSONObject, field: str) -> JSONObject:
    average = source.get('averageValue')
    value: Any = source.get(f'{field}Value', '0')
    kept = None if average is not None and field == 'target' and value in {'0', 0} else value  # as of 1.36
    return {
        'describedObject': part_of(source, 'target'),
        'metric': _metric(source, 'selector'),
        field: _value(field, 'Value' if average is None else 'AverageValue', value=kept, averageValue=average),
    }


def _read_pods(source: JSONObject, field: str) -> JSONObject:
    average = source.get(f'{field}AverageValue', '0')
    return {'metric': _metric(source, 'selector'), field: _value(field, 'AverageValue', averageValue=average)}


def _read_resource(source: JSONObject, field: str) -> JSONObject:
    load = source.get(f'{field}AverageUtilization')
    average = source.get(f'{field}AverageValue')
    how = 'AverageValue' if load is None else 'Utilization'
    return {
        'name': source.get('name') or '',
        field: _value(field, how, averageValue=average, averageUtilization=load),
    }


def _read_container(source: JSONObject, field: str) -> JSONObject:
    return {**_read_resource(source, field), 'container': source.get('container') or ''}


def _read_external(source: JSONObject, field: str) -> JSONObject:
    value, average = source.get(f'{field}Value'), source.get(f'{field}AverageValue')
    how = 'AverageValue' if value is None else 'Value'
    return {
        'metric': _metric(source, 'metricSelector'),
        field: _value(field, how, value=value, averageValue=average),
    }


def _metric(source: JSONObject, selector: str) -> JSONObject:
    return _present({'name': source.get('metricName') or '', 'selector': source.get(selector)})


def _value(field: str, how: str, **values: Any) -> JSONObject:
    return _present({'type': how if field == 'target' else None, **values})


_WRITERS: Mapping[str, _Convert] = {
    _OBJECT: _write_object,
    _PODS: _write_pods,
    _RESOURCE: _write_resource,
    _CONTAINER: _write_container,
    _EXTERNAL: _write_external,
}
_READERS: Mapping[str, _Convert] = {
    _OBJECT: _read_object,
    _PODS: _read_pods,
    _RESOURCE: _read_resource,
    _CONTAINER: _read_container,
    _EXTERNAL: _read_external,
}
