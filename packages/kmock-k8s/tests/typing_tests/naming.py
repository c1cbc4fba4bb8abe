"""What requests, criteria and names of Kubernetes reveal to type checkers. Nothing here is run: they read it, strict.

Every ``type: ignore`` has to be needed by both of them, else it is an error: so are the mistakes pinned.
"""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from dataclasses import dataclass
from typing import TypeAlias, assert_type

import kmock

Handler: TypeAlias = kmock.KubernetesScaffold


@dataclass(frozen=True)
class Selector:
    """As in other libraries."""

    group: str
    version: str | None
    plural: str


def parts(handler: Handler) -> None:
    assert_type(handler[0], kmock.KubernetesRequest)
    assert_type(handler[0].action, kmock.action | None)
    assert_type(handler[0].resource, kmock.resource | None)
    assert_type(handler[0].namespace, str | None)
    assert_type(handler[0].name, str | None)
    assert_type(handler[0].subresource, str | None)
    assert_type(handler['list'][-1].namespace, str | None)
    assert_type(handler['list', 0].name, str | None)
    assert_type(handler.unmatched[0].name, str | None)
    assert_type(handler['list'], kmock.View[kmock.KubernetesRequest])
    assert_type(handler['list'][:2], kmock.Slicer[kmock.KubernetesRequest])
    assert_type([request.name for request in handler['list'].requests], list[str | None])


def plain(handler: kmock.RawHandler) -> None:
    assert_type(handler[0], kmock.Request)
    handler[0].namespace  # type: ignore[attr-defined]


def any_handler(handler: Handler, view: kmock.View) -> None:
    plain(handler)
    any_handler(handler, handler['list'])
    any_handler(kmock.RawHandler(), view)  # type: ignore[arg-type]


def answer(request: kmock.KubernetesRequest) -> str | None:
    return request.namespace


def payloads(handler: Handler, other: kmock.RawHandler) -> None:
    handler['list'] << answer
    handler['list'] >> answer
    handler[answer] << 404
    other['list'] << answer  # type: ignore[operator]


def brackets(handler: Handler, selector: Selector) -> None:
    handler[kmock.LIST] << 404
    handler[kmock.action('approve'), kmock.resource('pods')] << 404
    handler[kmock.resource['pods']] << 404
    handler[{kmock.LIST, kmock.WATCH}, kmock.namespace('ns1', 'ns2'), kmock.name(None)] << 404
    handler[kmock.subresource('status')] << 404
    handler[kmock.K8sCriteria(action='list', resource=selector)] << 404


def resources(selector: Selector, key: kmock.ResourceKey, selectable: kmock.Selectable) -> None:
    assert_type(kmock.resource['pods'], kmock.resource)
    assert_type(kmock.resource['v1', 'pods'], kmock.resource)
    assert_type(kmock.resource('v1/pods').key, tuple[str, str, str])
    kmock.resource(selector)
    kmock.resource(key)
    kmock.resource(selectable)
    kmock.resource('kopf.dev', 'v1', 'kopfexamples')
    kmock.resource(None, 'pods')
    kmock.resource(group='kopf.dev', plural=None)
    kmock.resource('pods').check(selector)
    kmock.resource(5)  # type: ignore[arg-type]
    kmock.resource(kind='Pod')  # type: ignore[call-arg]


def names(handler: Handler) -> None:
    assert_type(handler.LIST, kmock.action)
    assert_type(handler.DELETE, kmock.action)
    assert_type(handler.resource['pods'], kmock.resource)
    assert_type(handler.namespace('ns1'), kmock.K8sCriteria)
    assert_type(handler.name('pod1', 'pod2'), kmock.K8sCriteria)
    assert_type(handler.subresource('status'), kmock.K8sCriteria)
    assert_type(handler.action('list'), kmock.action)
    assert_type(handler.GET, kmock.method)
    handler.LISTS  # type: ignore[attr-defined]
