"""What webhooks are called by: URLs, or services (``apiserver/pkg/util/webhook/validation.go``)."""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from kmock_k8s.cluster.naming import check_label_1035, check_subdomain
from kmock_k8s.cluster.statuses import Cause, invalid_value, required
from kmock_k8s.model.encoding import JSONObject

REVIEWS = ('v1', 'v1beta1')
"""The versions of reviews that a server sends."""

_FORM = '; desired format: https://host[/path]'


def check_client(client: JSONObject, path: str) -> Iterator[Cause]:
    """The causes to refuse where a webhook is."""
    url: str | None = client.get('url')
    service: JSONObject | None = client.get('service')
    if (url is None) == (service is None):
        yield required(path, 'exactly one of url or service is required')
    elif url is not None:
        yield from _check_url(url, f'{path}.url')
    elif service is not None:
        yield from _check_service(service, f'{path}.service')


def _check_url(url: str, field: str) -> Iterator[Cause]:
    try:
        parts = urlsplit(url)
    except ValueError as exc:
        yield required(field, f'url must be a valid URL: parse "{url}": {exc}{_FORM}')
        return
    if parts.scheme != 'https':
        yield invalid_value(field, parts.scheme, f"'https' is the only allowed URL scheme{_FORM}")
    user, at, host = parts.netloc.rpartition('@')
    if not host:
        yield invalid_value(field, host, f'host must be specified{_FORM}')
    if at:
        yield invalid_value(field, user, 'user information is not permitted in the URL')
    if parts.fragment:
        yield invalid_value(field, parts.fragment, 'fragments are not permitted in the URL')
    if parts.query:
        yield invalid_value(field, parts.query, 'query parameters are not permitted in the URL')


def _check_service(service: JSONObject, path: str) -> Iterator[Cause]:
    for name in ('name', 'namespace'):
        if not service.get(name):
            yield required(f'{path}.{name}', f'service {name} is required')
    port = service.get('port', 443)
    if not 1 <= port <= 65_535:
        yield invalid_value(f'{path}.port', port, 'port is not valid: must be between 1 and 65535, inclusive')
    where: str = service.get('path') or '/'
    field = f'{path}.path'
    if where == '//':
        yield invalid_value(field, where, 'segment[0] may not be empty')
    elif where != '/':
        if not where.startswith('/'):
            yield invalid_value(field, where, "must start with a '/'")
        for index, step in enumerate(where[1:].removesuffix('/').split('/')):
            for detail in check_subdomain(step) if step else ():
                yield invalid_value(field, where, f'segment[{index}]: {detail}')
            if not step:
                yield invalid_value(field, where, f'segment[{index}] may not be empty')


def check_reviews(versions: Sequence[Any], field: str, why: str, *, known: bool = True) -> Iterator[Cause]:
    """The causes to refuse the versions of reviews that a webhook takes.

    Args:
        versions: what it takes.
        field: where that stands.
        why: what is said where there are none.
        known: whether one of them has to be known.
    """
    if not versions:
        yield required(field, why)
        return
    for index, version in enumerate(versions):
        if version in versions[:index]:
            yield invalid_value(f'{field}[{index}]', version, 'duplicate version')
            continue
        for detail in check_label_1035(version):
            yield invalid_value(f'{field}[{index}]', version, detail)
    if known and not set(versions) & set(REVIEWS):
        yield invalid_value(field, versions, f'must include at least one of {", ".join(REVIEWS)}')
