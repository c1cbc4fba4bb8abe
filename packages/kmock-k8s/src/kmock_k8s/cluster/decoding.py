"""From bytes to objects: decoded as a real server does it, with what is wrong with them."""

from typing import NamedTuple, cast

from kmock_core import Request
from kmock_k8s.cluster.crds.kinds import CustomKind
from kmock_k8s.cluster.crds.objects import demand_type, fit_custom
from kmock_k8s.cluster.fitting import fit
from kmock_k8s.cluster.gotypes import unhandled
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.parsing import MAX_PROBLEMS, PROTOBUF, parse, read_body, show_body
from kmock_k8s.cluster.recognizing import TYPE_META, check_type, why_untyped
from kmock_k8s.cluster.statuses import bad_request
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.patching.golang import describe_type


class Decoded(NamedTuple):
    """An object, and what was wrong with it but not refused."""

    content: JSONObject
    problems: list[str]
    """``unknown field "nope"``, ``duplicate field "data.a"``."""


def decode_request(request: Request, kind: Kind) -> Decoded:
    """Decode the object in the body of a request for a kind: JSON, YAML, or protobuf.

    Raises:
        KubernetesError: it is in no known format; and as with `decode`.
    """
    if request.content_type == PROTOBUF:
        from kmock_k8s.cluster.binary import decode_binary

        return Decoded(decode_binary(request.body, kind), [])
    twice: list[str] = []
    found = decode(read_body(request, twice, _unrecognized(kind)), kind)
    return found._replace(problems=[*twice, *found.problems]) if twice else found


def decode(body: bytes, kind: Kind) -> Decoded:
    """Decode the object in a body of JSON for a kind.

    Raises:
        KubernetesError: it is no object, or none of this kind, or something in it is of a wrong type.
    """
    what = _unrecognized(kind)
    value, problems = parse(body, f"{what}couldn't get version/kind; json parse error: ")
    if isinstance(kind, CustomKind) and (value is None or isinstance(value, dict)):
        demand_type(value, lambda: (body.decode('utf-8', 'replace'), show_body(body)), kind)
        custom = cast('JSONObject', value)
        return Decoded(custom, [*problems, *fit_custom(custom, kind)])
    if value is None:
        value = {}
    if not isinstance(value, dict):
        name = describe_type(value)
        message = (
            f"{what}couldn't get version/kind; json parse error: json: cannot unmarshal {name} into Go value of type"
        )
        raise bad_request(f'{message} {TYPE_META} ({body.hex()})')
    content = cast('JSONObject', value)
    if (why := why_untyped(content)) is not None:
        raise bad_request(f'{what}{why} ({show_body(body)})')
    check_type(content, kind, body)
    if kind.schema is not None and kind.is_builtin:
        content, unknown = fit(content, kind, exact=True)
        problems = [*unknown, *problems][:MAX_PROBLEMS]
    return Decoded({'kind': kind.name, 'apiVersion': kind.api_version, **_without_type(content)}, problems)


def _unrecognized(kind: Kind) -> str:
    return f'the object provided is unrecognized (must be of type {kind.name}): '


def _without_type(content: JSONObject) -> JSONObject:
    return {key: value for key, value in content.items() if key not in {'kind', 'apiVersion'}}


def refuse_strictly(decoded: Decoded, kind: Kind) -> None:
    """Refuse an object with problems, as ``fieldValidation=Strict`` demands."""
    if decoded.problems:
        raise unhandled(kind, f'strict decoding error: {", ".join(decoded.problems)}')
