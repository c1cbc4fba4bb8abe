"""Asking a request about globs and placeholders of its path."""

import re
from collections.abc import Callable, Mapping

from kmock_core.criteria.patterns import compile_glob
from kmock_core.values.requests import Request, decode_path

_SLASH = '\ufdd0'
"""Stands for an encoded slash, which separates no segments (RFC 3986 §2.2); a character that no text has."""

_ENCODED_SLASH = re.compile('%2[Ff]')


def glob_check(pattern: str) -> Callable[[Request], bool]:
    """A check of the path by a glob."""
    fullmatch = compile_glob(pattern).fullmatch

    def check(request: Request) -> bool:
        return fullmatch(request.path) is not None or (
            '%' in request.target and _match_segments(pattern, request) is not None
        )

    return check


def captures_of(pattern: str, request: Request) -> Mapping[str, str]:
    """What the placeholders of a glob capture, decoded; nothing if the path does not match."""
    match = _match_segments(pattern, request) if '%' in request.target else None
    match = match or compile_glob(pattern).fullmatch(request.path)
    return {} if match is None else {name: value.replace(_SLASH, '/') for name, value in match.groupdict().items()}


def _match_segments(pattern: str, request: Request) -> 're.Match[str] | None':
    return compile_glob(_decode_segments(pattern)).fullmatch(_decode_segments(request.raw_path))


def _decode_segments(path: str) -> str:
    return decode_path(_ENCODED_SLASH.sub(_SLASH, path))
