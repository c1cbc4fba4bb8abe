"""Manifests in a cluster: each one is applied by the server itself, as a client would let it do that."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple, TypeAlias

from kmock_core import Request
from kmock_core.values.responses import Answer
from kmock_k8s.api.describing import Description, describe
from kmock_k8s.cluster.backend import NAMESPACES
from kmock_k8s.cluster.crds.definitions import DEFINITIONS
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.errors import ManifestError
from kmock_k8s.manifests.loading import describe_unknown, place
from kmock_k8s.manifests.reading import Manifest
from kmock_k8s.model.encoding import JSONObject, encode
from kmock_k8s.model.info import ResourceInfo
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.metadata import metadata_of
from kmock_k8s.model.resources import resource
from kmock_k8s.model.urls import Location, path_of
from kmock_k8s.model.versions import api_version_of

MANAGER = 'kmock'
"""Who owns what manifests say."""

Serve: TypeAlias = Callable[[Request], Answer | None]

_OF_SERVER = frozenset({
    'creationTimestamp', 'deletionGracePeriodSeconds', 'deletionTimestamp', 'generation', 'managedFields',
    'resourceVersion', 'selfLink', 'uid',
})  # fmt: skip
"""What is in the metadata of objects that were read from a cluster, and what only the server says."""

_IDENTITY = frozenset({'apiVersion', 'kind', 'metadata', 'name', 'namespace'})

_KEEPS_STATUS = frozenset({NAMESPACES, DEFINITIONS})
"""Where the status is the business of the server alone."""

_ADVICE = "load that Namespace too, or make the cluster with namespaces='auto' (kmock serve --namespaces auto)"


class Known(NamedTuple):
    """A resource, and what can be done with it."""

    resource: resource
    description: Description

    @property
    def has_status(self) -> bool:
        """Whether the status is written apart from all else."""
        return any(part.name == 'status' for part in self.description.subresources)


class Loader:
    """Lets manifests become objects, one after the other.

    Args:
        serve: answers a request as the server does it, with no rules before.
        find_kind: gives the kind of a resource; None if that is not served.
        resources: what the server knows now of resources.
    """

    def __init__(
        self,
        serve: Serve,
        find_kind: Callable[[resource], Kind | None],
        resources: Mapping[resource, ResourceInfo],
    ) -> None:
        self._serve = serve
        self._find_kind = find_kind
        self._resources = resources
        self._kinds: dict[tuple[str, str], Known] = {}

    def load(self, manifests: Sequence[Manifest]) -> Iterator[ObjectKey]:
        """Apply manifests in their order; where each of them is now.

        Raises:
            ManifestError: the server refuses one; those before it are there.
        """
        for manifest in manifests:
            try:
                key = self._load(manifest)
            except ManifestError:
                raise
            except ValueError as exc:  # of a name that can't be in a URL
                raise ManifestError(f'{manifest.origin}: {exc}') from exc
            yield key

    def _load(self, manifest: Manifest) -> ObjectKey:
        known = self._find(manifest)
        key = place(manifest, known.resource, namespaced=known.description.namespaced, can_be_nameless=True)
        content = _clean(manifest, key)
        status = content.pop('status', None) if known.has_status else None
        answered = self._find_unchanged(key, content) or metadata_of(self._apply(manifest, key, content))
        key = key._replace(name=answered['name'])
        if status and known.resource not in _KEEPS_STATUS:
            identity = {name: answered[name] for name in ('name', 'namespace') if name in answered}
            typed = {'apiVersion': manifest.api_version, 'kind': manifest.kind}
            self._apply(manifest, key, {**typed, 'metadata': identity, 'status': status}, 'status')
        kind = self._find_kind(known.resource)
        return key if kind is None else key._replace(resource=kind.resource)

    def _find(self, manifest: Manifest) -> Known:
        wanted = (manifest.api_version, manifest.kind)
        found = self._kinds.get(wanted) or self._look_up(*wanted)
        if found is None:
            known = [(_version_of(one), describe(one, info).kind) for one, info in self._resources.items()]
            raise ManifestError(describe_unknown(manifest, known))
        if 'patch' not in found.description.verbs:
            raise ManifestError(f'{manifest.origin}: a server keeps no {manifest.kind}: it only answers who sends one')
        self._kinds[wanted] = found
        return found

    def _look_up(self, version: str, kind: str) -> Known | None:
        for one in self._resources:
            if _version_of(one) == version:
                description = describe(one, self._resources[one])
                if description.kind == kind:
                    return Known(one, description)
        return None

    def _find_unchanged(self, key: ObjectKey, content: JSONObject) -> JSONObject | None:
        """The metadata of an object of which there is only the name to say, and was before; else None.

        Applying that would change the object nevertheless: a server notes then who owns all that is there.
        """
        if content.keys() - _IDENTITY or metadata_of(content).keys() - _IDENTITY:
            return None
        answer = self._serve(Request('GET', _path_of(key)))
        if answer is None or answer.status != 200 or not isinstance(answer.body, bytes):
            return None
        found: JSONObject = json.loads(answer.body)['metadata']
        return None if any(one['manager'] == MANAGER for one in found.get('managedFields', ())) else found

    def _apply(self, manifest: Manifest, key: ObjectKey, content: JSONObject, part: str | None = None) -> JSONObject:
        method, media = ('PATCH', 'application/apply-patch+yaml') if key.name else ('POST', 'application/json')
        options = 'force=true&' if key.name else ''
        target = f'{_path_of(key, part)}?{options}fieldManager={MANAGER}&fieldValidation=Strict'
        answer = self._serve(Request(method, target, headers={'Content-Type': media}, body=encode(content)))
        body = answer.body if answer is not None and isinstance(answer.body, bytes) else b''
        if answer is None or answer.status >= HTTPStatus.BAD_REQUEST:
            raise ManifestError(f'{manifest.origin}: {_explain(body, key)}')
        answered: JSONObject = json.loads(body)
        return answered


def _path_of(key: ObjectKey, part: str | None = None) -> str:
    group, version, plural = key.resource.key
    return path_of(Location(group, version, plural, key.namespace, key.name or None, part))


def _version_of(one: resource) -> str:
    group, version, _ = one.key
    return api_version_of(group, version)


def _clean(manifest: Manifest, key: ObjectKey) -> JSONObject:
    """What a manifest says, without what only a server says."""
    metadata = {name: value for name, value in manifest.metadata.items() if name not in _OF_SERVER}
    if key.namespace is not None:
        metadata['namespace'] = key.namespace
    else:
        metadata.pop('namespace', None)
    return {**manifest.content, 'metadata': metadata}


def _explain(body: bytes, key: ObjectKey) -> str:
    """Why the server refuses it, and what to do."""
    try:
        status: Any = json.loads(body)
    except ValueError:
        return body.decode('utf-8', 'replace').strip() or 'the server does not take it'
    message: str = status.get('message') or 'the server does not take it'
    details: JSONObject = status.get('details') or {}
    is_homeless = status.get('code') == 404 and details.get('kind') == 'namespaces' and key.namespace is not None
    return f'{message}; {_ADVICE}' if is_homeless else message
