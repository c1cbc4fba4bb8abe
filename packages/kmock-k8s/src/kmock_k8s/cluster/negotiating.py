"""Which representation a client takes (RFC 9110 §12.5.1): there is JSON; what excludes it is refused."""

from functools import lru_cache

from kmock_core import Request
from kmock_k8s.errors import KubernetesError

JSON, YAML, PROTOBUF = 'application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'

_WHOLE = (JSON, YAML, PROTOBUF)
_STREAMED = (f'{JSON};stream=watch', f'{PROTOBUF};stream=watch')
_RANGES = {JSON: JSON, YAML: YAML, '*/*': JSON, 'application/*': JSON}
_TRANSFORMS = frozenset({'Table', 'PartialObjectMetadata', 'PartialObjectMetadataList', 'APIGroupDiscoveryList'})
_VERSIONS = frozenset({'v1', 'v1beta1', 'v2', 'v2beta1'})


def check_accept(request: Request, *, named: bool, watching: bool) -> None:
    """Refuse a request whose answer its client would not take; no header takes anything."""
    accept = ','.join(request.header_values.get(b'accept', ()))
    if not accept.strip():
        return
    found = _choose(accept)
    if found is None:
        shown = ', '.join(_WHOLE if named else (*_WHOLE, *_STREAMED))
        raise KubernetesError({}, 406, 'NotAcceptable', f'406: Not Acceptable\n\nAvailable representations: {shown}')
    if found == '' or (watching and found == YAML):
        shown = ', '.join(_STREAMED if watching else _WHOLE)
        message = f'only the following media types are accepted: {shown}'
        raise KubernetesError(status=406, reason='NotAcceptable', message=message)


@lru_cache(maxsize=512)
def _choose(accept: str) -> str | None:
    """The media type that is taken; empty if it is known, but not as it is wanted; None if none is known."""
    refused: str | None = None
    for item in accept.split(','):
        media, *parameters = [part.strip() for part in item.split(';')]
        found = _RANGES.get(media.lower())
        if found is None:
            continue
        wanted = dict(part.split('=', 1) for part in parameters if '=' in part)
        if 'as' not in wanted or (wanted['as'] in _TRANSFORMS and wanted.get('v', 'v1') in _VERSIONS):
            return found
        refused = ''
    return refused
