"""Which texts are to be written in one way only, by their schemas."""

import re
from collections.abc import Callable

from kmock_k8s.cluster.formats.quantities import canonize_quantity
from kmock_k8s.cluster.formats.times import canonize_micro_time, canonize_time
from kmock_k8s.schemas import Schema

_META = 'io.k8s.apimachinery.pkg.apis.meta.v1'
_BASE64 = re.compile(r'(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?', re.ASCII)
_START = re.compile(r'[A-Za-z0-9+/]*', re.ASCII)

_BY_NAME: dict[str, Callable[[str], str]] = {
    'io.k8s.apimachinery.pkg.api.resource.Quantity': canonize_quantity,
    f'{_META}.Time': canonize_time,
    f'{_META}.MicroTime': canonize_micro_time,
}


def canonize(text: str, schema: Schema) -> str:
    """The text as it is written back.

    Args:
        text: what was sent.
        schema: that of the place where it stands.

    Raises:
        ValueError: it is none of the texts that can stand there; the message is that of Go.
    """
    convert = _BY_NAME.get(schema.name) if schema.name is not None else None
    if convert is not None:
        return convert(text)
    return canonize_bytes(text) if schema.format == 'byte' else text


def canonize_bytes(text: str) -> str:
    """Base64 without line breaks; a `ValueError` says where it is none."""
    joined = text.replace('\r', '').replace('\n', '') if '\n' in text or '\r' in text else text
    if _BASE64.fullmatch(joined):
        return joined
    found = _START.match(joined)
    position = found.end() if found is not None else 0
    if position == len(joined):  # all is well but the length
        position -= position % 4
    raise ValueError(f'illegal base64 data at input byte {position}')
