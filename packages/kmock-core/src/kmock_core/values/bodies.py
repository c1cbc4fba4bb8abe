"""Reading a request's body: text in any encoding, JSON, forms, multipart. Nothing here ever fails."""

import json
import re
from typing import Any

MAX_FORM_FIELDS = 10_000
"""Fields read from one form; what follows is ignored, so that an absurd body can't stall the server."""

SHOWN = 40
"""How many bytes of a file its repr shows."""

_ESCAPED = re.compile('%(22|0[AaDd])')
"""What browsers escape in the names of fields (WHATWG HTML §4.10.21.8)."""


class FormFile(bytes):
    """An uploaded file of a form: its content as bytes, with what the client says about it."""

    filename: str
    """The name as the client has it, e.g. ``photo.png``; may be empty."""
    content_type: str
    """The media type with its parameters; empty if the client has sent none."""

    def __new__(cls, content: bytes = b'', filename: str = '', content_type: str = '') -> 'FormFile':
        file = super().__new__(cls, content)
        file.filename = filename
        file.content_type = content_type
        return file

    def __repr__(self) -> str:
        content = repr(bytes(self[:SHOWN])) + ('…' if len(self) > SHOWN else '')
        return f'FormFile({content}, filename={self.filename!r}, content_type={self.content_type!r})'

    @property
    def fields(self) -> dict[str, str | bytes]:
        """The file as a mapping, for criteria: ``filename``, ``content_type``, ``content``."""
        return {'filename': self.filename, 'content_type': self.content_type, 'content': bytes(self)}


FieldValue = str | FormFile | list[str | FormFile]
"""A form field: text, or an uploaded file, or a list of them where a name is repeated."""


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


def explain_unreadable(body: bytes) -> str:
    """Why `parse_data` has read nothing from a body: what JSON stumbles over, or that it is null."""
    try:
        json.loads(body)
    except RecursionError:
        return 'the JSON is too deep'
    except ValueError as exc:
        return f'the body is not JSON: {exc}'
    return 'the body is null'


def parse_form(body: bytes) -> dict[str, FieldValue]:
    """Read ``application/x-www-form-urlencoded`` fields (WHATWG URL §5.1)."""
    from urllib.parse import parse_qsl  # heavy, and rarely needed

    text = '&'.join(body.decode('utf-8', 'replace').split('&', MAX_FORM_FIELDS)[:MAX_FORM_FIELDS])
    return _collect(parse_qsl(text, keep_blank_values=True, errors='replace'))


def parse_multipart(body: bytes, content_type: str) -> dict[str, FieldValue] | None:
    """Read ``multipart/form-data`` fields (RFC 7578): text fields as text, files as `FormFile`."""
    boundary = parameter_of(content_type, 'boundary')
    if not boundary:
        return None
    delimiter = b'--' + boundary.encode('latin-1', 'replace')
    fields: list[tuple[str, str | FormFile]] = []
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
            filename = _filename_of(disposition)
            kind = headers.get('content-type', '')
            value = decode_text(content, kind) if filename is None else FormFile(content, filename, kind)
            fields.append((_ESCAPED.sub(lambda match: chr(int(match[1], 16)), name), value))
    return _collect(fields)


def _filename_of(disposition: str) -> str | None:
    """The name of a file, which clients percent-encode in different ways: browsers three characters, others all."""
    from urllib.parse import unquote  # heavy, and rarely needed

    extended = parameter_of(disposition, 'filename*')  # RFC 5987, which RFC 7578 §4.2 discourages
    if extended is not None:
        charset, _, encoded = extended.partition("'")
        try:
            return unquote(encoded.partition("'")[2], charset or 'utf-8', 'replace')
        except (LookupError, ValueError, TypeError, Warning):  # as in `decode_text`
            return unquote(encoded.partition("'")[2], errors='replace')
    filename = parameter_of(disposition, 'filename')
    return None if filename is None else unquote(filename, errors='replace')


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


def _collect(pairs: 'list[tuple[str, str]] | list[tuple[str, str | FormFile]]') -> dict[str, FieldValue]:
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
