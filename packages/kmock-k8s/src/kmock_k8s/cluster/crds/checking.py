"""What keeps a definition from being valid (``apiextensions/validation`` of a real server)."""

from collections.abc import Iterator, Sequence
from typing import Any

from kmock_k8s.cluster.crds.checking_fields import check_fields
from kmock_k8s.cluster.crds.checking_names import check_spec_names
from kmock_k8s.cluster.crds.checking_parts import (
    check_columns,
    check_conversion,
    check_deprecation,
    check_subresources,
)
from kmock_k8s.cluster.crds.checking_schemas import check_schema, has_defaults
from kmock_k8s.cluster.crds.conditions import is_established
from kmock_k8s.cluster.crds.definitions import as_object, versions_of
from kmock_k8s.cluster.crds.internals import internal_schema
from kmock_k8s.cluster.naming import check_label_1035, check_subdomain
from kmock_k8s.cluster.statuses import Cause, invalid_value, not_supported, required
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.metadata import metadata_of

SCOPES = ('Cluster', 'Namespaced')

_APPROVED = 'api-approved.kubernetes.io'
_MISSING = (
    'missing from spec.versions; {name} was previously a storage version, and must remain in spec.versions until a '
    'storage migration ensures no data remains persisted in {name} and removes {name} from status.storedVersions'
)
_SHARED = ('schema', 'subresources', 'additionalPrinterColumns', 'selectableFields')


def validate_definition(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse a definition."""
    spec = as_object(content.get('spec'))
    if live is None:
        yield from _check_name(metadata_of(content), spec)
    yield from _check_spec(spec)
    yield from _check_stored(as_object(content.get('status')).get('storedVersions'), versions_of(spec))
    yield from _check_approval(metadata_of(content), str(spec.get('group') or ''))
    if spec.get('preserveUnknownFields'):
        text = 'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead'
        yield invalid_value('spec.preserveUnknownFields', True, text)
    if live is not None:
        yield from _check_kept(spec, as_object(live.get('spec')), is_established(live))


def _check_name(metadata: JSONObject, spec: JSONObject) -> Iterator[Cause]:
    name = metadata.get('name')
    if name and name != f'{as_object(spec.get("names")).get("plural", "")}.{spec.get("group", "")}':
        yield invalid_value('metadata.name', name, 'must be spec.names.plural+"."+spec.group')


def _check_spec(spec: JSONObject) -> Iterator[Cause]:
    group = spec.get('group')
    if not group:
        yield required('spec.group')
    elif details := list(check_subdomain(group)):
        yield invalid_value('spec.group', group, ','.join(details))
    elif '.' not in group:
        yield invalid_value('spec.group', group, 'should be a domain with at least one dot')
    if not spec.get('scope'):
        yield required('spec.scope')
    elif spec['scope'] not in SCOPES:
        yield not_supported('spec.scope', spec['scope'], SCOPES)
    versions = versions_of(spec)
    for index, version in enumerate(versions):
        if as_object(version.get('schema')).get('openAPIV3Schema') is None:
            yield required(f'spec.versions[{index}].schema.openAPIV3Schema')
    if spec.get('preserveUnknownFields') and any(has_defaults(_schema_of(one)) for one in versions):
        text = 'must be false in order to use defaults in the schema'
        yield invalid_value('spec.preserveUnknownFields', True, text)
    yield from _check_versions(spec, versions)
    yield from check_spec_names(as_object(spec.get('names')))
    yield from _check_contents(versions)
    conversion = as_object(spec.get('conversion'))
    if spec.get('preserveUnknownFields') and conversion.get('strategy') != 'None':
        text = 'must be None if spec.preserveUnknownFields is true'
        yield invalid_value('spec.conversion.strategy', conversion.get('strategy') or '', text)
    yield from check_conversion(conversion)


def _schema_of(version: JSONObject) -> JSONObject:
    return as_object(as_object(version.get('schema')).get('openAPIV3Schema'))


# ---- Versions ----


def _check_versions(spec: JSONObject, versions: Sequence[JSONObject]) -> Iterator[Cause]:
    names = [str(version.get('name') or '') for version in versions]
    for index, name in enumerate(names):
        if details := list(check_label_1035(name)):
            yield invalid_value(f'spec.versions[{index}].name', name, ','.join(details))
        yield from check_deprecation(versions[index], f'spec.versions[{index}]')
    shown = None if spec.get('versions') is None else _show(versions)
    if len({*names}) != len(names):
        yield invalid_value('spec.versions', shown, 'must contain unique version names')
    if sum(bool(version.get('storage')) for version in versions) != 1:
        yield invalid_value('spec.versions', shown, 'must have exactly one version marked as storage version')
    if names and names[0] and (details := list(check_label_1035(names[0]))):
        yield invalid_value('spec.version', names[0], ','.join(details))


def is_shared(versions: Sequence[JSONObject], field: str) -> bool:
    """Tell if all versions have the same in a field: then a real server takes it for that of the whole definition."""
    return all(version.get(field) == versions[0].get(field) for version in versions)


def _show(versions: Sequence[JSONObject]) -> list[JSONObject]:
    """The versions as the structures of the server are shown."""
    shared = {field for field in _SHARED if is_shared(versions, field)}
    return [
        {
            'Name': version.get('name') or '',
            'Served': bool(version.get('served')),
            'Storage': bool(version.get('storage')),
            'Deprecated': bool(version.get('deprecated')),
            'DeprecationWarning': version.get('deprecationWarning'),
            **{f'{field[0].upper()}{field[1:]}': None if field in shared else version.get(field) for field in _SHARED},
            **({} if 'schema' in shared else {'Schema': {'OpenAPIV3Schema': internal_schema(_schema_of(version))}}),
        }
        for version in versions
    ]


def _check_contents(versions: Sequence[JSONObject]) -> Iterator[Cause]:
    """The causes to refuse what is in versions; what is in all of them the same is looked at once."""
    if not versions:
        return
    places = {'schema': 'validation'}
    for field in _SHARED:
        if is_shared(versions, field):
            yield from _check_content(versions[0], field, f'spec.{places.get(field, field)}', versions)
        else:
            for index, version in enumerate(versions):
                yield from _check_content(version, field, f'spec.versions[{index}].{field}', [version])


def _check_content(version: JSONObject, field: str, path: str, among: Sequence[JSONObject]) -> Iterator[Cause]:
    value: Any = version.get(field)
    if not value:
        return
    if field == 'schema':
        has_status = any('status' in as_object(one.get('subresources')) for one in among)
        yield from check_schema(_schema_of(version), f'{path}.openAPIV3Schema', has_status=has_status)
    elif field == 'subresources':
        yield from check_subresources(value, path)
    elif field == 'additionalPrinterColumns':
        yield from check_columns(value, path)
    elif field == 'selectableFields':
        yield from check_fields(value, _schema_of(version), path)


def _check_stored(stored: Any, versions: Sequence[JSONObject]) -> Iterator[Cause]:
    field = 'status.storedVersions'
    if not stored:
        yield invalid_value(field, stored, 'must have at least one stored version')
        return
    for version in versions:
        if version.get('storage') and version.get('name') not in stored:
            yield invalid_value(field, stored, f'must have the storage version {version.get("name")}')
    known = {version.get('name') for version in versions}
    for index, name in enumerate(stored):
        if name not in known:
            text = _MISSING.format(name=name)
            yield invalid_value(f'{field}[{index}]', name, text)


# ---- The rest ----


def _check_approval(metadata: JSONObject, group: str) -> Iterator[Cause]:
    if not f'.{group}'.endswith(('.k8s.io', '.kubernetes.io')):
        return
    value: str | None = as_object(metadata.get('annotations')).get(_APPROVED)
    field = f'metadata.annotations[{_APPROVED}]'
    text = f'protected groups must have approval annotation "{_APPROVED}"'
    link = 'see https://github.com/kubernetes/enhancements/pull/1111'
    if not value:
        yield required(field, f'{text}, {link}')
    elif not value.startswith(('http://', 'https://', 'unapproved')):
        yield invalid_value(field, value, f'{text} with either a URL or a reason starting with "unapproved", {link}')


def _check_kept(spec: JSONObject, live: JSONObject, established: bool) -> Iterator[Cause]:
    names, known = as_object(spec.get('names')), as_object(live.get('names'))
    fields = [('spec.group', spec.get('group'), live.get('group'))]
    fields.append(('spec.names.plural', names.get('plural'), known.get('plural')))
    if established:
        fields.append(('spec.scope', spec.get('scope'), live.get('scope')))
        fields.append(('spec.names.kind', names.get('kind'), known.get('kind')))
    for field, value, before in fields:
        if value != before:
            yield invalid_value(field, value, 'field is immutable')
