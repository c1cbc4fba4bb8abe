"""The ``DeleteOptions`` of the API reference: how something is to be deleted."""

from collections.abc import Mapping
from types import NoneType
from typing import Any, NamedTuple, cast

from kmock_core import Request
from kmock_k8s.cluster.list_options import FALSE, parse_int
from kmock_k8s.cluster.parsing import PROTOBUF, parse, read_body
from kmock_k8s.cluster.recognizing import TYPE_META
from kmock_k8s.cluster.statuses import Cause, Named, bad_request, invalid, invalid_value, not_supported
from kmock_k8s.cluster.write_options import check_dry_run
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.patching.golang import describe_type

_POLICIES = ('Foreground', 'Background', 'Orphan')
_SCHEME = 'k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27'
_OPTIONS = Named('meta.k8s.io', 'DeleteOptions')


class DeleteOptions(NamedTuple):
    """How something is to be deleted."""

    dry_run: bool
    """Whether it is only tried."""
    policy: str | None
    """What becomes of the dependents: ``Foreground``, ``Background``, ``Orphan``; None is what the kind does."""
    grace: int | None
    """In how many seconds it goes; None is what the object says."""
    uid: str | None
    """Only if the object has this uid; None is any."""
    version: str | None
    """Only if it is in this resourceVersion; None is any."""
    cascading: bool = False
    """Whether the client has asked in the old way that the dependents go too."""


def read_delete_options(request: Request) -> DeleteOptions:
    """Read the options from the body; or from the query, if there is no body.

    Raises:
        KubernetesError: they are malformed, or contradict each other.
    """
    given = _read_body(request) if request.body else _read_query(request)
    policy: Any = given.get('propagationPolicy')
    dry: list[str] = given.get('dryRun') or []
    orphan: Any = given.get('orphanDependents')
    causes: list[Cause] = []
    if policy is not None and orphan is not None:
        detail = 'orphanDependents and deletionPropagation cannot be both set'
        causes.append(invalid_value('propagationPolicy', policy, detail))
    if policy is not None and policy not in _POLICIES:
        causes.append(not_supported('propagationPolicy', policy, [*_POLICIES, 'nil']))
    causes += check_dry_run(dry)
    if causes:
        raise invalid(_OPTIONS, causes)
    if orphan is not None:
        policy = 'Orphan' if orphan else 'Background'
    conditions: JSONObject = given.get('preconditions') or {}
    grace: int | None = given.get('gracePeriodSeconds')
    uid, version = conditions.get('uid'), conditions.get('resourceVersion')
    return DeleteOptions(bool(dry), policy, grace, uid, version, cascading=orphan is False)


def _read_body(request: Request) -> JSONObject:
    if request.content_type == PROTOBUF:
        from kmock_k8s.cluster.binary import decode_options

        return decode_options(request.body, 'DeleteOptions', _SCHEME)
    prefix = "couldn't get version/kind; json parse error: "
    value, _ = parse(read_body(request), prefix, shown=False)
    if not isinstance(value, (dict, NoneType)):
        raise bad_request(f'{prefix}json: cannot unmarshal {describe_type(value)} into Go value of type {TYPE_META}')
    body = cast('JSONObject', value or {})
    kind = body.get('kind')
    if kind not in (None, 'DeleteOptions'):
        version = body.get('apiVersion', '')
        raise bad_request(f'no kind "{kind}" is registered for version "{version}" in scheme "{_SCHEME}"')
    _check_types(body, _TYPES)
    conditions: JSONObject = body.get('preconditions') or {}
    _check_types(conditions, _TYPES_OF_CONDITIONS, 'Preconditions.preconditions')
    return body


def _read_query(request: Request) -> JSONObject:
    given: dict[str, list[str]] = {}
    for name, value in request.query_pairs if '?' in request.target else ():
        given.setdefault(name, []).append(value)
    options: JSONObject = {'dryRun': given.get('dryRun')}
    if 'gracePeriodSeconds' in given:
        options['gracePeriodSeconds'] = parse_int(given['gracePeriodSeconds'][0])
    if 'orphanDependents' in given:
        options['orphanDependents'] = given['orphanDependents'][0].lower() not in FALSE
    if 'propagationPolicy' in given:
        options['propagationPolicy'] = given['propagationPolicy'][0]
    return options


def _check_types(fields: JSONObject, types: Mapping[str, tuple[type, str]], where: str = 'DeleteOptions') -> None:
    for name, (wanted, shown) in types.items():
        value = fields.get(name)
        if value is not None and type(value) is not wanted:
            what = f'json: cannot unmarshal {describe_type(value)} into Go struct field {where}.{name} of type {shown}'
            raise bad_request(what)


_TYPES = {
    'gracePeriodSeconds': (int, 'int64'),
    'orphanDependents': (bool, 'bool'),
    'propagationPolicy': (str, 'v1.DeletionPropagation'),
    'dryRun': (list, '[]string'),
    'preconditions': (dict, 'v1.Preconditions'),
}
_TYPES_OF_CONDITIONS = {'uid': (str, 'types.UID'), 'resourceVersion': (str, 'string')}
