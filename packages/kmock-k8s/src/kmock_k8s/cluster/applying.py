"""PATCH with a configuration: server-side apply, which creates what is not there."""

import json
from typing import Any, cast

from kmock_core.values.responses import Answer
from kmock_k8s.api.calls import Call
from kmock_k8s.cluster.backend import Backend, answer
from kmock_k8s.cluster.creating import insert
from kmock_k8s.cluster.fitting import fit
from kmock_k8s.cluster.identity import demand_identity
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.parsing import explain_twice, read_json
from kmock_k8s.cluster.statuses import MODIFIED, bad_request, conflict, not_found
from kmock_k8s.cluster.strategies import is_created_with_status
from kmock_k8s.cluster.updating import update
from kmock_k8s.cluster.write_options import read_write_options
from kmock_k8s.cluster.writing import scope_of
from kmock_k8s.errors import KubernetesError
from kmock_k8s.manifests.yaml import parse_yaml
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.metadata import metadata_of
from kmock_k8s.ownership import apply
from kmock_k8s.patching.golang import describe_type


def apply_patch(call: Call, kind: Kind, backend: Backend) -> Answer:
    """PATCH of the type apply: let an object have what a configuration says."""
    request = call.request
    options = read_write_options(request, 'PatchOptions', applied=True)
    twice: list[str] = []
    config = read_config(call, kind, kind, twice)
    metadata: JSONObject = config['metadata']
    name = metadata['name']
    part = call.location.subresource or ''
    with backend.store.lock:
        state = backend.store.get(call.key)
        live = None if state is None else kind.show(state).load()
        if live is None and part:
            raise not_found(kind.of(name))
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
        problems = [f'error converting YAML to JSON: {explain_twice(twice)}'] if twice else []
        if problems and options.validation == 'Strict':
            raise bad_request(f'error strict decoding YAML: {problems[0]}')
        problems = problems if options.validation == 'Warn' else []
        if live is None and 'status' in config and is_created_with_status(kind):
            applied = {**applied, 'status': config['status']}  # nobody owns it, but it is there
        applied = json.loads(json.dumps(applied))
        if kind.is_builtin:
            applied, _ = fit(applied, kind)
        if live is None:
            raw = insert(applied, kind, call.location.namespace, backend, options)
            return answer(raw, 201, [*problems, *kind.warn(applied)])
        warnings = [*problems, *kind.warn(applied, live)]
        return answer(update(call, kind, backend, live, applied, options), 200, warnings)


def read_config(call: Call, kind: Kind, wanted: Kind, twice: list[str] | None = None) -> JSONObject:
    """The configuration in the body of a request: about the object of the URL, with metadata of its own.

    Args:
        call: the request.
        kind: the kind of the object.
        wanted: that of the configuration: of the object, or of a subresource.
        twice: where it is noted which keys are there twice.
    """
    config = _read(call.request.body, [] if twice is None else twice)
    _check_type(config, wanted)
    metadata: JSONObject = {**metadata_of(config)}
    demand_identity({**metadata}, kind, call)
    return {**config, 'metadata': metadata}


def _read(body: bytes, twice: list[str]) -> JSONObject:
    try:
        value: Any = _parse(body, twice)
    except (ValueError, RecursionError) as exc:
        raise bad_request(f'error decoding YAML: error converting YAML to JSON: yaml: {exc}') from exc
    if value is not None and not isinstance(value, dict):
        why = f'json: cannot unmarshal {describe_type(value)} into Go value of type map[string]interface {{}}'
        raise bad_request(f'error decoding YAML: error unmarshaling JSON: while decoding JSON: {why}')
    return cast('JSONObject', value or {})


def _parse(body: bytes, twice: list[str]) -> Any:
    text = body.decode('utf-8')
    if text[:1] == '{':
        try:
            return read_json(body)
        except ValueError:  # it may be YAML yet, which says in its own words what is wrong
            pass
    return next(iter(parse_yaml(text, twice)), None)


def _check_type(config: JSONObject, kind: Kind) -> None:
    version, name = config.get('apiVersion') or '', config.get('kind') or ''
    if (version, name) != (kind.api_version, kind.name):
        group, _, short = str(version).rpartition('/')
        shown = f'{group}/{short}' if short else '/'
        raise KubernetesError(status=400, reason='BadRequest', message=f'invalid object type: {shown}, Kind={name}')
