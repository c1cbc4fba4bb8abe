import subprocess
import sys

import pytest

from kmock_k8s import schemas
from kmock_k8s.model.loading import read_bundled
from kmock_k8s.schemas import Schema, tables


def find(schema: Schema | None, path: str) -> Schema:
    for key in path.split('.'):
        assert schema is not None, path
        schema = schema.items if key == '[]' else schema.child(key)
    assert schema is not None, path
    return schema


def test_kinds_are_found_by_group_version_and_kind() -> None:
    deployment = schemas.builtin('apps', 'v1', 'Deployment')
    assert deployment is not None
    assert deployment.name == 'io.k8s.api.apps.v1.Deployment'


@pytest.mark.parametrize('key', [('apps', 'v1', 'Nope'), ('apps', 'v1beta1', 'Deployment'), ('', 'v1', 'Deployment')])
def test_unknown_kinds_have_no_schema(key: tuple[str, str, str]) -> None:
    assert schemas.builtin(*key) is None


def test_all_bundled_resources_have_a_schema() -> None:
    for group_version, document in read_bundled()['resources'].items():
        group, _, version = group_version.rpartition('/')
        for item in document['resources']:
            if '/' not in item['name']:
                assert schemas.builtin(group, version, item['kind']) is not None, item


def test_containers_are_merged_by_name() -> None:
    containers = find(schemas.builtin('', 'v1', 'Pod'), 'spec.containers')
    assert (containers.patch_strategy, containers.patch_merge_key) == (frozenset({'merge'}), 'name')
    assert (containers.list_type, containers.list_map_keys) == ('map', ('name',))


def test_volumes_are_merged_by_name_and_retain_keys() -> None:
    volumes = find(schemas.builtin('', 'v1', 'Pod'), 'spec.volumes')
    assert volumes.patch_strategy == {'merge', 'retainKeys'}


def test_annotations_beside_a_reference_are_of_this_place_only() -> None:
    strategy = find(schemas.builtin('apps', 'v1', 'Deployment'), 'spec.strategy')
    assert strategy.patch_strategy == {'retainKeys'}
    assert strategy.name == 'io.k8s.api.apps.v1.DeploymentStrategy'
    assert Schema.named(strategy.name).patch_strategy == frozenset()
    assert strategy.child('rollingUpdate') is Schema.named(strategy.name).child('rollingUpdate')


def test_ports_of_services_are_of_a_map_with_two_keys() -> None:
    ports = find(schemas.builtin('', 'v1', 'Service'), 'spec.ports')
    assert (ports.patch_merge_key, ports.list_map_keys) == ('port', ('port', 'protocol'))
    assert find(ports, '[].protocol').default == 'TCP'
    assert find(ports, '[].targetPort').int_or_string


def test_the_metadata_of_all_kinds_is_the_same() -> None:
    finalizers = schemas.object_meta().child('finalizers')
    assert finalizers is not None
    for kind in ('Pod', 'ConfigMap', 'Namespace'):
        assert find(schemas.builtin('', 'v1', kind), 'metadata.finalizers') is finalizers


def test_selectors_are_atomic_for_server_side_apply() -> None:
    assert find(schemas.builtin('apps', 'v1', 'Deployment'), 'spec.selector').map_type == 'atomic'


def test_custom_objects_have_metadata() -> None:
    schema = schemas.custom({'type': 'object', 'properties': {'spec': {'type': 'object'}}})
    assert set(schema.properties) == {'apiVersion', 'kind', 'metadata', 'spec'}
    assert find(schema, 'metadata.labels.any').type == 'string'


def test_schemas_that_contain_themselves_can_be_walked() -> None:
    path = 'spec.versions.[].schema.openAPIV3Schema' + '.properties.any' * 20
    found = find(schemas.builtin('apiextensions.k8s.io', 'v1', 'CustomResourceDefinition'), path)
    assert found is Schema.named('io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps')


def test_all_references_are_to_definitions_that_are_there() -> None:
    for name in tables.load().definitions:
        schema = Schema.named(name)
        for node in (*schema.properties.values(), schema.items, schema.additional):
            assert node is None or node.items is not node


def test_the_table_is_read_at_first_need_only() -> None:
    code = (
        'import kmock_k8s.schemas as schemas; from kmock_k8s.schemas import tables\n'
        'print(tables.load.cache_info().currsize)\n'
        'schemas.builtin("", "v1", "Pod")\n'
        'print(tables.load.cache_info().currsize)\n'
    )
    ran = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ['0', '1']
