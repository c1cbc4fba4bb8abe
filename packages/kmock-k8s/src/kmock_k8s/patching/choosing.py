"""Which patch a request is: by its content type, and by its body."""

from collections.abc import Callable
from typing import Any, TypeAlias

from kmock_k8s.errors import KubernetesMediaTypeError
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.patching import jsonpatch
from kmock_k8s.patching.decoding import mistyped
from kmock_k8s.patching.merge import merge

Patcher: TypeAlias = Callable[[JSONObject, Any], Any]
"""Gives the patched object of an object, which is used up, and of a patch, which is not changed."""

_JSON_PATCH = 'application/json-patch+json'
_MERGE_PATCH = 'application/merge-patch+json'
_STRATEGIC_PATCH = 'application/strategic-merge-patch+json'
_BY_BODY = frozenset((_MERGE_PATCH, 'application/json', 'application/octet-stream', '*/*', ''))
_KNOWN = _BY_BODY | {_JSON_PATCH, _STRATEGIC_PATCH}


def choose(content_type: str | None, patch: Any) -> Patcher:
    """What applies a patch: a JSON patch for its content type or for a list, else a merge patch.

    Strategic merge patches are merged as merge patches, so that lists are replaced as a whole. Content types are taken
    in any case of letters; their parameters are ignored; none is as good as that of merge patches, and so are those of
    any JSON and of any bytes.

    Args:
        content_type: the header of the request, None if there is none.
        patch: the parsed body.

    Raises:
        KubernetesMediaTypeError: patches of this type are not known.
        KubernetesBadRequestError: the body can't be such a patch.
    """
    media = check_media_type(content_type)
    if media == _JSON_PATCH or (media in _BY_BODY and isinstance(patch, list)):
        return jsonpatch.apply
    if not isinstance(patch, dict):
        raise mistyped(patch, 'map[string]interface {}')
    return merge


def check_media_type(content_type: str | None) -> str:
    """The media type of a patch alone; for those whose bodies are not worth to be parsed, an error.

    Raises:
        KubernetesMediaTypeError: patches of this type are not known.
    """
    media = (content_type or '').partition(';')[0].strip().lower()
    if media not in _KNOWN:
        raise KubernetesMediaTypeError(
            message=f'the body of the request was in an unknown format ({media}) - '
            f'accepted media types include: {_JSON_PATCH}, {_MERGE_PATCH}, {_STRATEGIC_PATCH}'
        )
    return media
