"""Derives the field table of the protobuf decoder that comes with this package.

    python tools/derive_protobuf.py FIELDS.json.gz GO_API GO_APIMACHINERY

The first file has the fields of all messages, from ``generated.proto``, as ``packages``: package -> message ->
``[number, name, type, label]``. The folders are the sources of ``k8s.io/api`` and ``k8s.io/apimachinery`` (the one of
the newest version at hand will do): of them it is only read which scalar fields are no pointers and are left out of
JSON when they are zero; of what is not there, `ZEROS` knows it.

What is written, always in the same bytes: ``messages``, those of the kinds in the schemas of this package and what they
consist of, named as the schemas: package -> message -> ``[number, name in JSON, type, label]``; and ``kinds``, besides
those of the schemas. The label is a word of letters: ``r`` repeated, ``i`` the fields are those of the message itself,
``z`` a zero is as good as nothing.
"""

import gzip
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent.parent / 'src' / 'kmock_k8s' / 'data'
VERSION = '1.36'
META = 'k8s.io.apimachinery.pkg.apis.meta.v1'
SCHEMAS = 'k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1'
SCALARS = frozenset(('string', 'int32', 'int64', 'bool', 'double', 'bytes'))

KINDS = {
    'apidiscovery.k8s.io/v2/APIGroupDiscoveryList': 'k8s.io.api.apidiscovery.v2.APIGroupDiscoveryList',
    'meta.k8s.io/v1/PartialObjectMetadata': f'{META}.PartialObjectMetadata',
    'meta.k8s.io/v1/PartialObjectMetadataList': f'{META}.PartialObjectMetadataList',
    '/v1/APIGroup': f'{META}.APIGroup',
    '/v1/APIGroupList': f'{META}.APIGroupList',
    '/v1/APIResourceList': f'{META}.APIResourceList',
    '/v1/APIVersions': f'{META}.APIVersions',
    '/v1/Status': f'{META}.Status',
}
"""Kinds that are sent, but that the schemas do not tell of as such."""
JSON_FIELDS = {
    (f'{META}.FieldsV1', 'Raw'), ('k8s.io.apimachinery.pkg.runtime.RawExtension', 'raw'), (f'{SCHEMAS}.JSON', 'raw'),
}  # fmt: skip
"""The bytes that are JSON."""
ZEROS: Mapping[str, tuple[str, ...]] = {
    f'{SCHEMAS}.JSONSchemaProps': (
        'id', 'schema', 'description', 'type', 'format', 'title', 'pattern', 'exclusiveMaximum', 'exclusiveMinimum',
        'uniqueItems', 'nullable', 'xKubernetesEmbeddedResource', 'xKubernetesIntOrString',
    ),
    f'{SCHEMAS}.CustomResourceColumnDefinition': ('format', 'description', 'priority'),
    f'{SCHEMAS}.CustomResourceDefinitionCondition': ('reason', 'message', 'observedGeneration'),
    f'{SCHEMAS}.CustomResourceDefinitionNames': ('singular', 'listKind'),
    f'{SCHEMAS}.CustomResourceDefinitionSpec': ('preserveUnknownFields',),
    f'{SCHEMAS}.CustomResourceDefinitionStatus': ('observedGeneration',),
    f'{SCHEMAS}.CustomResourceDefinitionVersion': ('deprecated',),
    f'{SCHEMAS}.ExternalDocumentation': ('description', 'url'),
    f'{SCHEMAS}.ValidationRule': ('message', 'messageExpression', 'fieldPath'),
    f'{SCHEMAS}.WebhookClientConfig': ('caBundle',),
    'k8s.io.kube_aggregator.pkg.apis.apiregistration.v1.APIServiceCondition': ('reason', 'message'),
    'k8s.io.kube_aggregator.pkg.apis.apiregistration.v1.APIServiceSpec': (
        'group', 'version', 'insecureSkipTLSVerify', 'caBundle',
    ),
    'k8s.io.kube_aggregator.pkg.apis.apiregistration.v1.ServiceReference': ('namespace', 'name'),
    'k8s.io.api.admissionregistration.v1.ApplyConfiguration': ('expression',),
    'k8s.io.api.admissionregistration.v1.JSONPatch': ('expression',),
    'k8s.io.api.admissionregistration.v1.MutatingAdmissionPolicyBindingSpec': ('policyName',),
    'k8s.io.api.admissionregistration.v1.MutatingAdmissionPolicySpec': ('reinvocationPolicy',),
    'k8s.io.api.authentication.v1.BoundObjectReference': ('uID',),
    'k8s.io.api.core.v1.ContainerRestartRule': ('action',),
    'k8s.io.api.core.v1.PodCertificateProjection': (
        'signerName', 'keyType', 'credentialBundlePath', 'keyPath', 'certificateChainPath',
    ),
    'k8s.io.api.resource.v1.DeviceAllocationConfiguration': ('source',),
    'k8s.io.api.resource.v1.DeviceSubRequest': ('allocationMode', 'count'),
    'k8s.io.api.resource.v1.DeviceTaint': ('value',),
    'k8s.io.api.resource.v1.DeviceToleration': ('key', 'operator', 'value', 'effect'),
    'k8s.io.api.resource.v1.ExactDeviceRequest': ('allocationMode', 'count'),
    'k8s.io.api.resource.v1.NetworkDeviceData': ('interfaceName', 'hardwareAddress'),
    'k8s.io.api.resource.v1.ResourceClaimConsumerReference': ('apiGroup',),
}  # fmt: skip
"""The scalar fields that are no pointers, and are left out of JSON when they are zero, where no source is at hand."""


def main() -> None:
    fields, api, machinery = (Path(arg) for arg in sys.argv[1:])
    packages = json.loads(gzip.decompress(fields.read_bytes()))['packages']
    schemas = json.loads(gzip.decompress((DATA / f'kubernetes-{VERSION}-schemas.json.gz').read_bytes()))
    messages = {f'{package}.{name}': found for package, all_ in packages.items() for name, found in all_.items()}
    zeros = {**ZEROS, **dict(read_zeros(api, 'k8s.io.api')), **dict(read_zeros(machinery, 'k8s.io.apimachinery'))}
    wanted = {*map(unschematize, schemas['kinds'].values()), *KINDS.values()}
    derived: dict[str, dict[str, list[Any]]] = {}
    done: set[str] = set()
    while wanted:
        full = wanted.pop()
        done.add(full)
        package, _, name = full.rpartition('.')
        properties = schemas['definitions'].get(schematize(full), {}).get('properties')
        rows = [derive(package, full, row, properties, zeros.get(full, ())) for row in messages[full]]
        derived.setdefault(schematize(package), {})[name] = rows
        wanted |= {found for row in messages[full] if (found := refer(package, row[2]))} - done
    kinds = {kind: schematize(name) for kind, name in KINDS.items()}
    content = json.dumps({'kinds': kinds, 'messages': derived}, separators=(',', ':'), sort_keys=True)
    target = DATA / f'kubernetes-{VERSION}-protobuf.json.gz'
    target.write_bytes(gzip.compress(content.encode('utf-8'), 9, mtime=0))
    sys.stdout.write(f'{target}: {target.stat().st_size} bytes, {len(done)} messages\n')


def derive(package: str, full: str, row: list[Any], properties: Any, zeros: tuple[str, ...]) -> list[Any]:
    """One field as it is written."""
    number, name, type_, label = row
    flags = 'r' if label == 'repeated' else ''
    shown = name
    if properties and name not in properties:
        shown = next((known for known in properties if plain(known) == plain(name)), name)
        if shown == name and refer(package, type_) and not flags:
            flags = 'i'
        elif shown == name:
            raise ValueError(f'{full} has no {name}')
    if name in zeros and type_ in SCALARS and not flags:
        flags = 'z'
    if (full, name) in JSON_FIELDS:
        type_ = 'json'
    found = refer(package, type_)
    if found:
        named = found.removeprefix(f'{package}.') if found.rpartition('.')[0] == package else f'.{schematize(found)}'
        type_ = f'map<{named}>' if type_.startswith('map<') else named
    elif type_.startswith('map<'):
        type_ = f'map<{type_[:-1].rpartition(",")[2]}>'
    return [number, shown, type_, flags]


def plain(name: str) -> str:
    """What a name in JSON, and that in the protobuf, have in common."""
    return name.replace('-', '').replace('$', '').lower()


def refer(package: str, type_: str) -> str | None:
    """The full name of the message in a type; None if it is a scalar one."""
    name = type_[:-1].rpartition(',')[2] if type_.startswith('map<') else type_
    if name.startswith('.'):
        return name[1:]
    return f'{package}.{name}' if name[0].isupper() else None


def schematize(name: str) -> str:
    """The name that a message, or a package, has in the schemas."""
    return 'io.k8s.' + name.removeprefix('k8s.io.').replace('_', '-')


def unschematize(name: str) -> str:
    """The name of the message that is the type of a schema."""
    return 'k8s.io.' + name.removeprefix('io.k8s.').replace('-', '_')


STRUCT = re.compile(r'^type (\w+) struct \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
FIELD = re.compile(
    r'^\s*\w+\s+(\[\]byte|[\w.]+)\s+`.*?json:"[^",]+,[^"]*omitempty.*?protobuf:"[^"]*\bname=(\w+)', re.MULTILINE
)


def read_zeros(root: Path, prefix: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The fields of each message that are no pointers, lists or maps, and are left out when they are zero."""
    base = root / 'pkg' if prefix.endswith('apimachinery') else root
    for path in sorted(base.rglob('types*.go')):
        package = f'{prefix}.{".".join(path.parent.relative_to(root).parts)}'
        for struct in STRUCT.finditer(path.read_text('utf-8')):
            yield f'{package}.{struct[1]}', tuple(found[2] for found in FIELD.finditer(struct[2]))


if __name__ == '__main__':
    main()
