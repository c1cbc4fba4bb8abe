"""Which kind an object is of; why it is none, or another one than that of the URL."""

from types import NoneType

from kmock_k8s.cluster.crds.objects import wrong_version
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.parsing import show_body
from kmock_k8s.cluster.statuses import bad_request
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.versions import api_version_of
from kmock_k8s.patching.golang import describe_type

_SCHEME = 'k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30'
TYPE_META = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
_VERSIONS = ('v1', 'v2', 'v1beta1', 'v1beta2', 'v1alpha1', 'v1alpha2', 'v1alpha3')
_TAKEN = frozenset({('policy/v1beta1', 'Eviction', 'Eviction')})
"""What is taken as another version of itself: old clients in Go evict so."""
_FORMER = frozenset({'apiextensions.k8s.io/v1beta1', 'apps/v1beta1', 'apps/v1beta2'})


def why_untyped(content: JSONObject) -> str | None:
    """Why the kind of an object can't be told; None if it can be, or if there is none."""
    for field in ('apiVersion', 'kind'):
        value = content.get(field)
        if not isinstance(value, (str, NoneType)):
            why = f'json: cannot unmarshal {describe_type(value)} into Go struct field .{field} of type string'
            return f"couldn't get version/kind; json parse error: {why}"
    return None


def check_type(content: JSONObject, kind: Kind, body: bytes) -> None:
    """Refuse an object of another kind, or of another version."""
    version, name = content.get('apiVersion') or kind.api_version, content.get('kind') or kind.name
    if (version, name) == (kind.api_version, kind.name) or (version, name, kind.name) in _TAKEN:
        return
    short = version.rpartition('/')[2]
    if version.count('/') > 1:
        message = f'the object provided is unrecognized (must be of type {kind.name}): unexpected GroupVersion string: '
        raise bad_request(f'{message}{version} ({show_body(body)})')
    if name == kind.name and version in {*_FORMER, *_versions_of(kind)}:
        raise wrong_version(version, kind.api_version)
    prefix = f'{name} in version "{short}" cannot be handled as a {kind.name}: '
    raise bad_request(prefix + why_of_no_kind(version, name, kind))


def _versions_of(kind: Kind) -> list[str]:
    """The versions of a built-in kind that are known, as they stand in objects."""
    from kmock_k8s.schemas import builtin

    known = [version for version in _VERSIONS if builtin(kind.group, version, kind.name) is not None]
    return [api_version_of(kind.group, version) for version in known]


def why_of_no_kind(version: str, name: str, kind: Kind) -> str:
    """Why an object of a kind is none of another kind."""
    from kmock_k8s.schemas import builtin

    group, _, short = version.rpartition('/')
    if builtin(group, short, name) is None:
        return f'no kind "{name}" is registered for version "{version}" in scheme "{_SCHEME}"'
    internal = kind.group.partition('.')[0] or 'core'
    return f'converting ({short}.{name}) to ({internal}.{kind.name}): unknown conversion'
