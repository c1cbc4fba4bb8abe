"""How long clients would wait for an answer: understood, or refused (``apiserver``: ``request_deadline.go``)."""

import json
import re

from kmock_core import Request
from kmock_k8s.cluster.statuses import bad_request
from kmock_k8s.model.urls import is_watch, locate

_LONG = frozenset({'attach', 'exec', 'log', 'portforward', 'proxy'})
_PART = re.compile(r'(?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?P<unit>[^0-9.]*)', re.ASCII)
_UNITS = frozenset({'ns', 'us', '\xb5s', '\u03bcs', 'ms', 's', 'm', 'h'})


def check_timeout(request: Request) -> None:
    """Refuse a ``timeout`` in the query that is no duration; requests that may take long have none.

    Raises:
        KubernetesError: it is none.
    """
    given = next((value for name, value in request.query_pairs if name == 'timeout'), None)
    if not given or _is_long(request):
        return
    why = explain_duration(given)
    if why is not None:
        raise bad_request(f'invalid timeout specified in the request URL - {why}')


def _is_long(request: Request) -> bool:
    location = locate(request.target)
    if location.is_watch or location.subresource in _LONG:
        return True
    is_list = request.method_name == 'GET' and location.plural is not None and location.name is None
    return is_list and is_watch(request.target)


def explain_duration(text: str) -> str | None:
    """Why a text is no duration, in the words of Go (``time.ParseDuration``); None if it is one.

    >>> explain_duration('1h2.5s')
    >>> explain_duration('5')
    'time: missing unit in duration "5"'
    """
    shown = json.dumps(text, ensure_ascii=False)
    rest = text[1:] if text[:1] in {'-', '+'} else text
    if rest == '0':
        return None
    place = 0
    while place < len(rest) or not rest:
        found = _PART.match(rest, place)
        if found is None:
            return f'time: invalid duration {shown}'
        if not found['unit']:
            return f'time: missing unit in duration {shown}'
        if found['unit'] not in _UNITS:
            return f'time: unknown unit {json.dumps(found["unit"], ensure_ascii=False)} in duration {shown}'
        place = found.end()
    return None
