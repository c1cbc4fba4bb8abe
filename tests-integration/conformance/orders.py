"""From the template of a step to the request that is sent."""

import json
import re
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from conformance.recordings import JSON, is_array, is_object

USER_AGENT = 'oracle-recorder/1.0'
"""The client of the recordings; the managers of fields are named after it."""

VARIABLE = re.compile(r'\$\{([A-Za-z_][A-Za-z0-9_]*)\}')


def fill(template: JSON, variables: Mapping[str, JSON]) -> JSON:
    """The template with the values of its variables; those that are unknown stay as they are.

    >>> fill({'path': '/x/${name}', 'body': '${size}'}, {'name': 'a', 'size': 3})
    {'path': '/x/a', 'body': 3}
    """
    if isinstance(template, str):
        whole = VARIABLE.fullmatch(template)
        if whole and whole[1] in variables:
            return variables[whole[1]]
        return VARIABLE.sub(lambda found: str(variables.get(found[1], found[0])), template)
    if is_array(template):
        return [fill(item, variables) for item in template]
    if is_object(template):
        return {fill(key, variables): fill(item, variables) for key, item in template.items()}
    return template


@dataclass(frozen=True)
class Order:
    """A request to be sent, byte by byte."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes | None


def order(send: Mapping[str, JSON], token: str | None) -> Order:
    """The request of a step whose variables are filled in."""
    target: str = send['path']
    if query := send.get('query'):
        target += ('&' if '?' in target else '?') + _encoded(query)
    body = None
    if 'raw' in send:
        body = cast('str', send['raw']).encode()
    elif 'body' in send:
        body = json.dumps(send['body']).encode()
    headers: dict[str, str | None] = {'Accept': 'application/json', 'User-Agent': USER_AGENT}
    if token is not None:
        headers['Authorization'] = f'Bearer {token}'
    if body is not None:
        headers['Content-Type'] = 'application/json'
    headers.update(send.get('headers') or {})
    return Order(send['method'], target, {name: value for name, value in headers.items() if value is not None}, body)


def described(ordered: Order, send: Mapping[str, JSON]) -> JSON:
    """The request in JSON: what it names takes part in the numbering of the placeholders."""
    headers = {name: value for name, value in ordered.headers.items() if name not in ('Authorization', 'User-Agent')}
    content = {name: send[name] for name in ('raw', 'body') if name in send}
    return {'method': ordered.method, 'path': ordered.target, 'headers': headers, **content}


def _encoded(query: Mapping[str, JSON]) -> str:
    pairs = [(name, item) for name, value in query.items() for item in (value if is_array(value) else [value])]
    return urllib.parse.urlencode(pairs, quote_via=urllib.parse.quote)
