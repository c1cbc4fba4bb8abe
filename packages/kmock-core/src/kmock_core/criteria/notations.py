"""What a plain object in ``kmock[...]`` means: the table of notations, first one that fits.

The values of Python itself (strings that are HTTP notations, bytes, patterns, mappings, booleans ...) are decided here;
what they leave open is offered to the plugins of the group ``kmock.notations``, and then, if it is a string, it is
a text.
"""

import asyncio
import concurrent.futures
import re
import threading
from collections.abc import Callable, Mapping
from types import NotImplementedType
from typing import Any, cast

from kmock_core.criteria.base import Criteria
from kmock_core.criteria.http import HTTPCriteria
from kmock_core.criteria.live import BoolCriteria, EventCriteria, FnCriteria, FutureCriteria
from kmock_core.criteria.plain import DictCriteria, StrCriteria
from kmock_core.errors import UnsupportedCriterionError
from kmock_core.registry import NOTATIONS
from kmock_core.values import boxes
from kmock_core.values.methods import STANDARD_METHODS, method
from kmock_core.values.requests import Request

_KNOWN = (
    'known: strings, bytes, patterns, mappings, booleans, functions, events, futures, '
    'path() params() headers() cookies() body() text() data() method() client_cert()'
)


def parse(item: object) -> Criteria:
    """Make criteria of one object; an `UnsupportedCriterionError` names what has no meaning."""
    criteria = HTTP.parse(item)
    if criteria is NotImplemented:
        criteria = VALUES.parse(item)
    if criteria is NotImplemented:
        criteria = _ask_plugins(item)
    if criteria is NotImplemented:
        criteria = TEXT.parse(item)
    if isinstance(criteria, Criteria):
        return criteria
    if isinstance(item, str):
        raise UnsupportedCriterionError(f"Unsupported filtering criteria: {item!r} (type e.g. 'get /path?q=1')", item)
    raise UnsupportedCriterionError(f'Unsupported filtering criteria: {item!r} ({_KNOWN})', item)


def _ask_plugins(item: object) -> 'Criteria | NotImplementedType':
    criteria: Criteria | NotImplementedType = NotImplemented
    for notation in NOTATIONS.ordered():
        criteria = notation.parse(item)
        if criteria is not NotImplemented:
            break
    return criteria


class HTTPNotation:
    """Strings that begin with an HTTP verb, or are a URL part: see `parse_http`."""

    order = 100

    def parse(self, item: object, /) -> 'Criteria | NotImplementedType':
        """The criteria of such a string."""
        criteria: Criteria | None = None
        if isinstance(item, str) and not isinstance(item, boxes.Word):  # some words are texts, but mean something else
            criteria = parse_http(item)
        return criteria or NotImplemented


class ValuesNotation:
    """Bytes, patterns, mappings, booleans, events, futures, the words of the DSL, objects that know their meaning."""

    order = 200

    def parse(self, item: object, /) -> 'Criteria | NotImplementedType':
        """The criteria of such a value."""
        for kind, rule in _RULES:
            if isinstance(item, kind):
                return rule(item)
        custom = None if isinstance(item, (str, type)) else getattr(cast('Any', item), '__kmock_criteria__', None)
        return NotImplemented if custom is None else parse(custom())


class TextNotation:
    """What is left: texts, callables, and objects with a truth of their own."""

    order = 900

    def parse(self, item: object, /) -> 'Criteria | NotImplementedType':
        """The criteria of such an object."""
        if isinstance(item, str):
            return StrCriteria(item) if item.strip() else NotImplemented
        if callable(item):
            return FnCriteria(item, judge)
        has_truth = not isinstance(item, (int, float, complex, range)) and hasattr(type(item), '__bool__')
        has_truth = has_truth and item is not NotImplemented
        return BoolCriteria(item) if has_truth else NotImplemented


def parse_http(text: str) -> HTTPCriteria | None:
    """Read ``'get'``, ``'get /path?q=1'``, ``'/path'``, ``'?q=1'``, ``'get http://host/path'``; None if it is none."""
    words = text.split(None, 1)
    if not words:
        return None
    verb = words[0].upper()
    if verb in STANDARD_METHODS:
        if len(words) == 1:
            return HTTPCriteria(method=verb)
        url = words[1].rstrip()
        if verb == 'OPTIONS' and url == '*':
            return HTTPCriteria(method=verb, path=re.compile(r'\*'))
        return parse_url(url, method=verb)
    return parse_url(text.strip())


def parse_url(url: str, **fields: Any) -> HTTPCriteria | None:
    """Read a URL part: a path, a query, or both, after an optional scheme and host; None if it is not one."""
    if url[:1] not in '/?' or url.startswith('//'):
        scheme, separator, rest = url.partition('//')
        if not separator or (scheme and scheme.lower() not in {'http:', 'https:'}):
            return None
        cut = min((p for p in (rest.find('/'), rest.find('?')) if p >= 0), default=len(rest))
        if not rest[:cut]:
            return None
        fields['host'] = rest[:cut]
        if scheme:
            fields['scheme'] = scheme[:-1].lower()
        url = rest[cut:]
    path, mark, query = url.partition('#')[0].partition('?')  # fragments are never sent
    if path:
        fields['path'] = path
    if mark and query:
        fields['params'] = boxes.params(query).value
    return HTTPCriteria(**fields)


def judge(result: Any) -> Criteria | bool:
    """Make criteria or a verdict of what a function or a future of the user has returned."""
    value: object = result
    if result is None or result == '' or result is NotImplemented:
        return False
    if isinstance(result, (bool, int, float, re.Match)):
        return bool(value)
    if isinstance(result, Mapping) and not value:
        return False
    return parse(value)


def _parse_box(box: boxes.Box) -> Criteria:
    if isinstance(box, boxes.data):
        return HTTPCriteria(data=box.value, exact=box.exact)
    return HTTPCriteria(**{type(box).__name__: box.value})


def _parse_client_cert(box: boxes.client_cert) -> Criteria:
    from kmock_core.criteria.certificates import ClientCertCriteria  # few tests have to do with them

    return ClientCertCriteria(box.value)


def _parse_pattern(pattern: 're.Pattern[Any]') -> Criteria:
    return HTTPCriteria(path=pattern) if isinstance(pattern.pattern, str) else HTTPCriteria(body=pattern)


def _parse_mapping(mapping: Mapping[Any, Any]) -> Criteria:
    if not mapping:
        raise UnsupportedCriterionError(f'Unsupported filtering criteria: {mapping!r} is empty', mapping)
    return DictCriteria(mapping)


def _parse_future(future: Any) -> Criteria:
    return FutureCriteria(future, judge)


def _refuse_request(request: Request) -> Criteria:
    raise UnsupportedCriterionError(
        f'Unsupported filtering criteria: {request!r}; a request is what comes out', request
    )


_RULES: tuple[tuple[Any, Callable[[Any], Criteria]], ...] = (
    (Criteria, lambda item: item),
    (method, lambda item: HTTPCriteria(method=str(item))),
    (boxes.client_cert, _parse_client_cert),
    (boxes.Box, _parse_box),
    (bool, BoolCriteria),
    ((bytes, bytearray, memoryview), lambda item: HTTPCriteria(body=bytes(item))),
    (re.Pattern, _parse_pattern),
    (Mapping, _parse_mapping),
    ((asyncio.Event, threading.Event), EventCriteria),
    ((asyncio.Future, concurrent.futures.Future), _parse_future),
    (Request, _refuse_request),
)

HTTP = HTTPNotation()
VALUES = ValuesNotation()
TEXT = TextNotation()
