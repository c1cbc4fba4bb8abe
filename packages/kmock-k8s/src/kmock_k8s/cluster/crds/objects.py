"""Custom objects as they are sent: what they must have, and what is left of them."""

from collections.abc import Callable, Sequence
from typing import Any

from kmock_k8s.cluster.crds.kinds import CustomKind
from kmock_k8s.cluster.fitting import fit_metadata
from kmock_k8s.cluster.statuses import bad_request, with_warnings
from kmock_k8s.errors import KubernetesError
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.schemas import Schema, custom
from kmock_k8s.schemas.pruning import prune

_UNKNOWN = custom({})


def demand_type(content: Any, show: Callable[[], tuple[str, str]], kind: CustomKind) -> None:
    """Refuse an object that does not say its kind and its version.

    Args:
        content: what was sent.
        show: gives the same, as it came, and the beginning of it.
        kind: the kind that it should be of.
    """
    fields: JSONObject = content
    for field, title in (('kind', 'Kind'), ('apiVersion', 'apiVersion')):
        if not isinstance(content, dict) or not fields.get(field):
            text, shown = show()
            what = f"Object '{title}' is missing in '{text}' ({shown})"
            raise bad_request(f'the object provided is unrecognized (must be of type {kind.name}): {what}')


def fit_custom(content: JSONObject, kind: CustomKind) -> list[str]:
    """Remove what the schema of a kind does not know, in place; what was removed: ``unknown field "spec.nope"``.

    Raises:
        KubernetesError: it is of another version, or its metadata is malformed.
    """
    problems: list[str] = []
    if content['kind'] == kind.name:
        if isinstance(content.get('metadata'), dict):
            content['metadata'], problems = fit_metadata(content['metadata'], kind)
        schema: Schema = kind.schema if content['apiVersion'] == kind.api_version else _UNKNOWN
        problems += [f'unknown field "{path}"' for path in prune(content, schema)]
    if content['apiVersion'] != kind.api_version:
        raise wrong_version(content['apiVersion'], kind.api_version, problems)
    return problems


def wrong_version(given: str, expected: str, warnings: Sequence[str] = ()) -> KubernetesError:
    """The error about an object of another version."""
    what = f'the API version in the data ({given}) does not match the expected API version ({expected})'
    return with_warnings(bad_request(what), warnings)
