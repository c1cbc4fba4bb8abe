"""The scales of objects that have replicas: how many there are to be, and how many there are."""

import json
from collections.abc import Iterator

from kmock_core.values.responses import Answer
from kmock_k8s.api.calls import Call
from kmock_k8s.cluster.applying import read_config
from kmock_k8s.cluster.backend import Backend, answer
from kmock_k8s.cluster.crds.kinds import CustomKind
from kmock_k8s.cluster.defaulting import set_defaults
from kmock_k8s.cluster.fitting import fit
from kmock_k8s.cluster.identity import check_identity, demand_name
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.patching import APPLY, JSON, MERGE, STRATEGIC, apply_changes, choose_format, read_changes
from kmock_k8s.cluster.statuses import MODIFIED, Cause, Named, bad_request, conflict, internal_error, invalid
from kmock_k8s.cluster.structures import part_of
from kmock_k8s.cluster.subresources.bodies import kind_of, read_body
from kmock_k8s.cluster.subresources.owners import SCALE_VERSION, owners_of_scale, owners_of_scaled
from kmock_k8s.cluster.subresources.replicas import Places, has_replicas, places_of, scale_of, write_replicas
from kmock_k8s.cluster.updating import update
from kmock_k8s.cluster.validating.values import check_nonnegative
from kmock_k8s.cluster.write_options import WriteOptions, read_write_options
from kmock_k8s.cluster.writing import load
from kmock_k8s.model.encoding import JSONObject, encode
from kmock_k8s.ownership import apply, track_update

_PART = 'scale'


def get_scale(call: Call, kind: Kind, backend: Backend) -> Answer:
    """GET: the scale of an object."""
    content = load(kind, call.key, backend)
    places = places_of(kind)
    if isinstance(kind, CustomKind) and not has_replicas(content, places):
        raise internal_error(f'the spec replicas field "{places.shown}" does not exist')
    return answer(encode(scale_of(content, places)))


def replace_scale(call: Call, kind: Kind, backend: Backend) -> Answer:
    """PUT: scale an object."""
    options = read_write_options(call.request, 'UpdateOptions')
    content, warnings = read_body(call, _scales(), options)
    demand_name(content['metadata'], call)
    with backend.store.lock:
        return _Scaling(call, kind, backend, options).change(content, warnings)


def patch_scale(call: Call, kind: Kind, backend: Backend) -> Answer:
    """PATCH: change the scale of an object."""
    how = choose_format(call.request, [JSON, MERGE, *([STRATEGIC] if kind.is_builtin else []), APPLY])
    if how == APPLY:
        return _apply_scale(call, kind, backend)
    options = read_write_options(call.request, 'PatchOptions')
    with backend.store.lock:
        scaling = _Scaling(call, kind, backend, options)
        changes = read_changes(call.request.body, how)
        content, warnings = apply_changes(lambda: scale_of(scaling.live, scaling.places), changes, _scales(), options)
        scaling.demand_replicas(content)
        set_defaults(_scales(), content)
        return scaling.change(content, warnings)


def _apply_scale(call: Call, kind: Kind, backend: Backend) -> Answer:
    """PATCH of the type apply: let the scale be what a configuration says."""
    options = read_write_options(call.request, 'PatchOptions', applied=True)
    config = read_config(call, kind, _scales())
    with backend.store.lock:
        return _Scaling(call, kind, backend, options).apply(config)


def _scales() -> Kind:
    return kind_of('autoscaling', 'v1', 'Scale')


class _Scaling:
    """One change of the scale of an object, under the lock of the store."""

    live: JSONObject
    """The object as it is."""
    places: Places

    def __init__(self, call: Call, kind: Kind, backend: Backend, options: WriteOptions) -> None:
        self._call = call
        self._kind = kind
        self._backend = backend
        self._options = options
        self.live = load(kind, call.key, backend)
        self.places = places_of(kind)

    def demand_replicas(self, scale: JSONObject) -> None:
        """Refuse to leave it open how many there are to be, where nothing says so."""
        is_open = isinstance(self._kind, CustomKind) and not has_replicas(self.live, self.places)
        if is_open and 'replicas' not in part_of(scale, 'spec'):
            raise bad_request(f'the spec replicas field "{self.places.shown}" cannot be empty')

    def change(self, scale: JSONObject, warnings: list[str]) -> Answer:
        """Let the scale be this: who writes it owns the replicas, if that is another number."""
        before = self._before()
        if part_of(before, 'spec').get('replicas', 0) == part_of(scale, 'spec').get('replicas', 0):
            return self._store(scale, None, warnings)
        owners = track_update(
            before,
            {**before, 'spec': part_of(scale, 'spec')},
            self._options.manager,
            schema=_scales().schema,
            api_version=SCALE_VERSION,
            subresource=_PART,
            now=self._backend.now(),
        )
        return self._store(scale, owners, warnings)

    def apply(self, config: JSONObject) -> Answer:
        """Let the scale have what is in a configuration: who applies it owns that."""
        version = config['metadata'].pop('resourceVersion', None)
        applied = apply(
            self._before(),
            config,
            self._options.manager,
            force=self._options.force,
            schema=_scales().schema,
            api_version=SCALE_VERSION,
            subresource=_PART,
            now=self._backend.now(),
        )
        scale, _ = fit(applied, _scales())
        self.demand_replicas(scale)
        metadata: JSONObject = {**scale['metadata'], 'resourceVersion': version}
        return self._store({**scale, 'metadata': metadata}, applied['metadata'].get('managedFields', []), [])

    def _before(self) -> JSONObject:
        scale = scale_of(self.live, self.places)
        owners = owners_of_scale(self.live, self.places.wanted)
        return {**scale, 'metadata': {**scale['metadata'], 'managedFields': owners}}

    def _store(self, scale: JSONObject, owners: list[JSONObject] | None, warnings: list[str]) -> Answer:
        self._check(scale)
        scaled = write_replicas(self.live, self.places, part_of(scale, 'spec').get('replicas', 0))
        options = self._options._replace(applied=True)
        if owners is not None:
            found = owners_of_scaled(self.live, self.places.wanted, self._kind.api_version, owners)
            scaled['metadata']['managedFields'] = found
        raw = update(self._call, self._kind, self._backend, self.live, scaled, options)
        return answer(encode(scale_of(json.loads(raw), self.places)), 200, warnings)

    def _check(self, scale: JSONObject) -> None:
        metadata: JSONObject = scale['metadata']
        check_identity(metadata, self._kind, self._call)
        known: JSONObject = self.live['metadata']
        if self._kind.is_builtin:
            causes = [*_check_spec(scale)]
            if causes:
                raise invalid(_scales().made(known['name']), causes)
            if metadata.get('uid') not in (None, '', known['uid']):
                why = f'Precondition failed: UID in precondition: {metadata["uid"]}, UID in object meta: {known["uid"]}'
                raise conflict(Named(self._kind.group, f'{self._kind.plural}/{_PART}', known['name']), why)
        if metadata.get('resourceVersion') not in (None, '', '0', known['resourceVersion']):
            raise conflict(self._kind.of(known['name']), MODIFIED)


def _check_spec(scale: JSONObject) -> Iterator[Cause]:
    yield from check_nonnegative(part_of(scale, 'spec'), ('replicas',), 'spec')
