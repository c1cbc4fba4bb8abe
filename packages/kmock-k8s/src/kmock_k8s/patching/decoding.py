"""The errors about bodies that are no patches, in the words of the API."""

from typing import Any

from kmock_k8s.errors import KubernetesBadRequestError
from kmock_k8s.patching.golang import describe_type


def undecodable(why: str) -> KubernetesBadRequestError:
    """The error about a patch that can't be understood."""
    return KubernetesBadRequestError(message=f'error decoding patch: {why}')


def mistyped(value: Any, wanted: str) -> KubernetesBadRequestError:
    """The error about a thing in JSON that is none of the wanted type; types are called as in Go."""
    return undecodable(f'json: cannot unmarshal {describe_type(value)} into Go value of type {wanted}')


def too_deep() -> KubernetesBadRequestError:
    """The error about what can be parsed, but not handled."""
    return undecodable('it is nested too deep')
