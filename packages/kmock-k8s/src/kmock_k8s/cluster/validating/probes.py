"""What keeps probes and lifecycle handlers of containers from being valid."""

from collections.abc import Iterator

from kmock_k8s.cluster.statuses import Cause, forbidden, invalid_value, required
from kmock_k8s.cluster.structures import part_of
from kmock_k8s.cluster.validating.values import check_choice, check_nonnegative, check_port, check_port_or_name
from kmock_k8s.model.encoding import JSONObject

_NUMBERS = ('initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold')


def check_probes(container: JSONObject, path: str) -> Iterator[Cause]:
    """The causes to refuse the probes of a container."""
    for name in ('livenessProbe', 'readinessProbe', 'startupProbe'):
        probe: JSONObject | None = container.get(name)
        if probe is None:
            continue
        field = f'{path}.{name}'
        yield from _check_handler(probe, field, ('exec', 'httpGet', 'tcpSocket', 'grpc'))
        yield from check_nonnegative(probe, _NUMBERS, field)
        if name != 'readinessProbe' and probe.get('successThreshold', 1) != 1:
            yield invalid_value(f'{field}.successThreshold', probe['successThreshold'], 'must be 1')


def check_lifecycle(container: JSONObject, path: str) -> Iterator[Cause]:
    """The causes to refuse what is run when a container starts and before it stops."""
    lifecycle: JSONObject = part_of(container, 'lifecycle')
    for name in ('postStart', 'preStop'):
        if name in lifecycle:
            field = f'{path}.lifecycle.{name}'
            yield from _check_handler(lifecycle[name], field, ('exec', 'httpGet', 'tcpSocket', 'sleep'))


def _check_handler(handler: JSONObject, path: str, known: tuple[str, ...]) -> Iterator[Cause]:
    found = [name for name in known if name in handler]
    if not found:
        yield required(path, 'must specify a handler type')
        return
    for name in found[1:]:
        yield forbidden(f'{path}.{name}', 'may not specify more than 1 handler type')
    name = found[0]
    action = part_of(handler, name)
    field = f'{path}.{name}'
    if name == 'exec' and not action.get('command'):
        yield required(f'{field}.command')
    if name == 'grpc':
        yield from check_port(action.get('port') or 0, f'{field}.port')
    if name in {'httpGet', 'tcpSocket'}:
        yield from check_port_or_name(action.get('port', 0), f'{field}.port')
    if name == 'httpGet':
        yield from check_choice(action.get('scheme'), f'{field}.scheme', ('HTTP', 'HTTPS'))
