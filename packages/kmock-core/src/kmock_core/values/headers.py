"""Header blocks and query strings, read and written."""

from collections.abc import Iterable, Mapping

RawHeaders = tuple[tuple[bytes, bytes], ...]
"""Headers as they came: pairs of name and value in bytes, in order."""


def decode_headers(raw: RawHeaders) -> list[tuple[str, str]]:
    """Turn raw headers to text; bytes that are not UTF-8 survive as surrogates (RFC 9110 §5.5 calls them opaque)."""
    return [(k.decode('utf-8', 'surrogateescape'), v.decode('utf-8', 'surrogateescape')) for k, v in raw]


def encode_headers(headers: Iterable[tuple[str, str]]) -> RawHeaders:
    """The reverse of `decode_headers`."""
    return tuple((k.encode('utf-8', 'surrogateescape'), v.encode('utf-8', 'surrogateescape')) for k, v in headers)


def parse_header_lines(text: str) -> dict[str, str | None]:
    """Read ``'A: 1\\nB: 2'``; a bare name has the value None here, which means: present with any value."""
    result: dict[str, str | None] = {}
    for line in text.splitlines():
        name, colon, value = line.partition(':')
        if name.strip():
            result[name.strip()] = value.strip() if colon else None
    return result


def parse_cookies(header: str) -> dict[str, str]:
    """Read a Cookie header (RFC 6265 §5.4) leniently; the first of the repeated names wins, as most servers do."""
    result: dict[str, str] = {}
    for pair in header.split(';'):
        name, equals, value = pair.strip().partition('=')
        if equals and name.strip():
            value = value.strip()
            if len(value) > 1 and value[0] == value[-1] == '"':
                value = value[1:-1]
            result.setdefault(name.strip(), value)
    return result


def parse_query(query: str) -> list[tuple[str, str | None]]:
    """Read ``'a=1&b'``; a bare key has the value None here, so that criteria can tell it from ``'b='``."""
    result: list[tuple[str, str | None]] = []
    for pair in query.split('&'):
        if pair:
            name, equals, value = pair.partition('=')
            result.append((decode_plus(name), decode_plus(value) if equals else None))
    return result


def decode_plus(text: str) -> str:
    """Undo the encoding of a part of a query: percents and pluses; bytes that are not UTF-8 become U+FFFD."""
    if '+' in text:
        text = text.replace('+', ' ')
    return decode_percent(text) if '%' in text else text


def decode_percent(text: str) -> str:
    """Undo the percent-encoding; bytes that are not UTF-8 become U+FFFD."""
    from urllib.parse import unquote  # heavy, and most URLs do without

    return unquote(text, errors='replace')


def mentions_only_headers(payload: Mapping[object, object]) -> bool:
    """True if a mapping can only be meant as headers: all of its keys are well-known or ``X-`` header names."""
    return bool(payload) and all(isinstance(k, str) and is_header_name(k) for k in payload)


def is_header_name(name: str) -> bool:
    """True for the names of the IANA registry that APIs use, and for ``X-`` ones, in any case.

    The single words which name fields of documents as often as headers (``date``, ``from``, ``link`` ...) are header
    names only if they are capitalised: ``Date``.
    """
    lower = name.lower()
    if lower in WELL_KNOWN_HEADERS or (lower.startswith('x-') and len(lower) > 2):
        return True
    return lower in AMBIGUOUS_HEADERS and name != lower


WELL_KNOWN_HEADERS: frozenset[str] = frozenset({
    'accept', 'accept-ch', 'accept-charset', 'accept-encoding', 'accept-language', 'accept-patch', 'accept-post',
    'accept-ranges', 'access-control-allow-credentials', 'access-control-allow-headers',
    'access-control-allow-methods', 'access-control-allow-origin', 'access-control-expose-headers',
    'access-control-max-age', 'access-control-request-headers', 'access-control-request-method', 'alt-svc',
    'authentication-info', 'authorization', 'cache-control', 'cache-status', 'clear-site-data', 'content-digest',
    'content-disposition', 'content-encoding', 'content-language', 'content-length', 'content-location',
    'content-md5', 'content-range', 'content-security-policy', 'content-security-policy-report-only',
    'content-type', 'cross-origin-embedder-policy', 'cross-origin-opener-policy', 'cross-origin-resource-policy',
    'dpop-nonce', 'early-data', 'etag', 'expires', 'if-match', 'if-modified-since', 'if-none-match', 'if-range',
    'if-unmodified-since', 'keep-alive', 'last-event-id', 'last-modified', 'location', 'max-forwards',
    'mime-version', 'permissions-policy', 'ping-from', 'ping-to', 'pragma', 'preference-applied',
    'proxy-authenticate', 'proxy-authentication-info', 'proxy-authorization', 'proxy-connection', 'ratelimit-limit',
    'ratelimit-policy', 'ratelimit-remaining', 'ratelimit-reset', 'referer', 'referrer-policy', 'refresh',
    'report-to', 'reporting-endpoints', 'repr-digest', 'retry-after', 'sec-ch-ua', 'sec-ch-ua-mobile',
    'sec-ch-ua-platform', 'sec-fetch-dest', 'sec-fetch-mode', 'sec-fetch-site', 'sec-fetch-user', 'sec-gpc',
    'sec-websocket-accept', 'sec-websocket-extensions', 'sec-websocket-key', 'sec-websocket-protocol',
    'sec-websocket-version', 'server-timing', 'service-worker-allowed', 'set-cookie', 'strict-transport-security',
    'timing-allow-origin', 'traceparent', 'tracestate', 'transfer-encoding', 'upgrade-insecure-requests',
    'user-agent', 'want-content-digest', 'www-authenticate',
})  # fmt: skip

AMBIGUOUS_HEADERS: frozenset[str] = frozenset({
    'age', 'allow', 'connection', 'cookie', 'date', 'deprecation', 'digest', 'expect', 'forwarded', 'from', 'host',
    'link', 'nel', 'origin', 'prefer', 'priority', 'range', 'ratelimit', 'server', 'sourcemap', 'sunset', 'te',
    'trailer', 'upgrade', 'vary', 'via', 'warning',
})  # fmt: skip
