"""PATCH with a configuration: server-side apply, which creates what is not there."""

import json
from typing import Any, cast

from kmock_core.values.responses import Answer
from kmock_k8s.api.calls import Call
from kmock_k8s.cluster.backend import Backend, answer
from kmock_k8s.cluster.decoding import fit, read_json
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.options import read_write_options
from kmock_k8s.cluster.statuses import MODIFIED, Named, bad_request, conflict, invalid, required
from kmock_k8s.cluster.writing import demand_identity, insert, scope_of, update
from kmock_k8s.errors import KubernetesError
from kmock_k8s.manifests.yaml import parse_yaml
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.metadata import metadata_of
from kmock_k8s.ownership import apply


def apply_patch(call: Call, kind: Kind, backend: Backend) -> Answer:
    """PATCH of the type apply: let an object have what a configuration says."""
    request = call.request
    options = read_write_options(request, 'PatchOptions')
    if not request.query.get('fieldManager'):
        raise invalid(Named('meta.k8s.io', 'PatchOptions'), [required('fieldManager', 'is required for apply patch')])
    config = _read(request.body)
    _check_type(config, kind)
    metadata: JSONObject = {**metadata_of(config)}
    demand_identity({**metadata}, kind, call)
    name = metadata['name']
    config = {**config, 'metadata': metadata}
    part = call.location.subresource or ''
    options = options._replace(applied=True)
    with backend.store.lock:
        state = backend.store.get(call.key)
        live = None if state is None else kind.show(state).load()
        if live is None and metadata.get('uid'):
            why = f'uid mismatch: the provided object specified uid {metadata["uid"]}, and no existing object was found'
            raise conflict(kind.of(name), why)
        version = metadata.pop('resourceVersion', None)
        if live is not None and version not in (None, '', live['metadata']['resourceVersion']):
            raise conflict(kind.of(name), MODIFIED)
        applied = apply(
            live,
            config,
            options.manager,
            force=options.force,
            schema=kind.schema,
            api_version=kind.api_version,
            subresource=part,
            now=backend.now(),
            scope=scope_of(kind, part),
        )
        applied = json.loads(json.dumps(applied))
        if kind.is_builtin:
            applied, _ = fit(applied, kind)
        if live is None:
            return answer(insert(applied, kind, call.location.namespace, backend, options), 201)
        return answer(update(call, kind, backend, live, applied, options))


def _read(body: bytes) -> JSONObject:
    try:
        text = body.decode('utf-8')
        value: Any = read_json(body) if text[:1] == '{' else next(iter(parse_yaml(text)), None)
    except (ValueError, RecursionError) as exc:
        raise bad_request(f'error decoding YAML: error converting YAML to JSON: yaml: {exc}') from exc
    return cast('JSONObject', value) if isinstance(value, dict) else {}


def _check_type(config: JSONObject, kind: Kind) -> None:
    version, name = config.get('apiVersion') or '', config.get('kind') or ''
    if (version, name) != (kind.api_version, kind.name):
        group, _, short = str(version).rpartition('/')
        shown = f'{group}/{short}' if short else '/'
        raise KubernetesError(status=400, reason='BadRequest', message=f'invalid object type: {shown}, Kind={name}')
