"""Reading a request's body: text in any encoding, JSON, forms, multipart. Nothing here ever fails."""

import json
from typing import Any

MAX_FORM_FIELDS = 10_000
"""Fields read from one form; what follows is ignored, so that an absurd body can't stall the server."""

FieldValue = str | bytes | list[str | bytes]
"""A form field: text, or bytes for an uploaded file, or a list of them where a name is repeated."""


def decode_text(body: bytes, content_type: str) -> str:
    """Decode by the charset of the content type, UTF-8 by default; undecodable bytes become U+FFFD."""
    charset = parameter_of(content_type, 'charset') or 'utf-8'
    try:
        return body.decode(charset, 'replace')
    except (LookupError, ValueError, TypeError, Warning):  # some codecs warn, and warnings can be errors
        return body.decode('utf-8', 'replace')


def parse_data(body: bytes, content_type: str) -> Any:
    """Read the body as JSON whenever it parses, else as a form or multipart, else it is None."""
    if not body:
        return None
    essence = content_type.partition(';')[0].strip().lower()
    if essence != 'application/x-www-form-urlencoded' or body[:1] in b'{["':
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            pass
    if essence == 'application/x-www-form-urlencoded':
        return parse_form(body)
    if essence == 'multipart/form-data':
        return parse_multipart(body, content_type)
    return None


def parse_form(body: bytes) -> dict[str, FieldValue]:
    """Read ``application/x-www-form-urlencoded`` fields (WHATWG URL §5.1)."""
    from urllib.parse import parse_qsl  # heavy, and rarely needed

    text = '&'.join(body.decode('utf-8', 'replace').split('&', MAX_FORM_FIELDS)[:MAX_FORM_FIELDS])
    return _collect(parse_qsl(text, keep_blank_values=True, errors='replace'))


def parse_multipart(body: bytes, content_type: str) -> dict[str, FieldValue] | None:
    """Read ``multipart/form-data`` fields (RFC 7578): text fields as text, files as bytes."""
    boundary = parameter_of(content_type, 'boundary')
    if not boundary:
        return None
    delimiter = b'--' + boundary.encode('latin-1', 'replace')
    fields: list[tuple[str, str | bytes]] = []
    for section in (b'\r\n' + body).split(b'\r\n' + delimiter)[1 : MAX_FORM_FIELDS + 1]:
        if section.startswith(b'--'):
            break
        head, blank, content = section.partition(b'\r\n\r\n')
        if not blank:
            continue
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(':') for line in head.decode('utf-8', 'replace').splitlines())
        }
        disposition = headers.get('content-disposition', '')
        name = parameter_of(disposition, 'name')
        if name is not None:
            is_file = parameter_of(disposition, 'filename') is not None
            fields.append((name, content if is_file else decode_text(content, headers.get('content-type', ''))))
    return _collect(fields)


def parameter_of(header: str, name: str) -> str | None:
    """The parameter of a header value such as ``text/plain; charset="utf-8"`` (RFC 9110 §5.6.6), or None."""
    rest = header.partition(';')[2]
    while rest:
        key, equals, rest = rest.partition('=')
        if not equals:
            return None
        rest = rest.lstrip()
        if rest.startswith('"'):
            value, rest = _unquote(rest)
            rest = rest.partition(';')[2]
        else:
            value, _, rest = rest.partition(';')
            value = value.strip()
        if key.rpartition(';')[2].strip().lower() == name:
            return value
    return None


def _unquote(text: str) -> tuple[str, str]:
    chars: list[str] = []
    position = 1
    while position < len(text) and text[position] != '"':
        if text[position] == '\\' and position + 1 < len(text):
            position += 1
        chars.append(text[position])
        position += 1
    return ''.join(chars), text[position + 1 :]


def _collect(pairs: 'list[tuple[str, str]] | list[tuple[str, str | bytes]]') -> dict[str, FieldValue]:
    fields: dict[str, FieldValue] = {}
    for name, value in pairs:
        known = fields.get(name)
        if known is None:
            fields[name] = value
        elif isinstance(known, list):
            known.append(value)
        else:
            fields[name] = [known, value]
    return fields
