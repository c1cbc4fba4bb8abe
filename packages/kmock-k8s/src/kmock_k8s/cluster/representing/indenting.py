"""JSON for people, as ``json.MarshalIndent`` of Go writes it: numbers and texts stay as they are written."""

import re

_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*"|\{\}|\[\]|[\[\]{},:]|[^"\[\]{},:]+')
_STEP = b'  '
_ESCAPES = (
    (b'&', b'\\u0026'),
    (b'<', b'\\u003c'),
    (b'>', b'\\u003e'),
    ('\u2028'.encode(), b'\\u2028'),
    ('\u2029'.encode(), b'\\u2029'),
)


def indent(raw: bytes) -> bytes:
    """Compact JSON, indented by two spaces, with no line break at its end."""
    parts: list[bytes] = []
    line = b'\n'
    for token in _TOKENS.findall(raw):
        if token in b'{[':
            line += _STEP
            parts += (token, line)
        elif token in b'}]':
            line = line[: -len(_STEP)]
            parts += (line, token)
        elif token == b',':
            parts += (token, line)
        elif token == b':':
            parts.append(b': ')
        else:
            parts.append(token)
    text = b''.join(parts)
    for char, escape in _ESCAPES:
        if char in text:
            text = text.replace(char, escape)
    return text
