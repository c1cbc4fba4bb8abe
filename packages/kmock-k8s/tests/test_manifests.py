"""Manifests: read as kubectl reads them, put in an order that works, stored all or none."""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmock_core import KMockError
from kmock_k8s import KubernetesEmulator, ResourceInfo
from kmock_k8s.errors import ManifestError
from kmock_k8s.manifests.loading import load, resources_of_crds
from kmock_k8s.manifests.reading import Manifest, in_order, read_manifests, read_sources
from kmock_k8s.manifests.yaml import YAMLError, parse_yaml

POD = {'apiVersion': 'v1', 'kind': 'Pod', 'metadata': {'name': 'pod1'}}
NAMESPACE = {'apiVersion': 'v1', 'kind': 'Namespace', 'metadata': {'name': 'ns1'}}
EXAMPLE = {'apiVersion': 'kopf.dev/v1', 'kind': 'KopfExample', 'metadata': {'name': 'example1', 'namespace': 'ns1'}}
DEFINITION: dict[str, Any] = {
    'apiVersion': 'apiextensions.k8s.io/v1',
    'kind': 'CustomResourceDefinition',
    'metadata': {'name': 'kopfexamples.kopf.dev'},
    'spec': {
        'group': 'kopf.dev',
        'scope': 'Namespaced',
        'names': {'plural': 'kopfexamples', 'kind': 'KopfExample', 'shortNames': ['kex'], 'categories': ['all']},
        'versions': [
            {'name': 'v1', 'served': True, 'storage': True, 'subresources': {'status': {}}},
            {'name': 'v1beta1', 'served': True, 'storage': False},
            {'name': 'v1alpha1', 'served': False, 'storage': False},
        ],
    },
}


def written(path: Path, *documents: object) -> Path:
    """A YAML file of these documents."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('\n---\n'.join(map(json.dumps, documents)), 'utf-8')
    return path


def manifests_of(*contents: Any) -> list[Manifest]:
    return [Manifest(content, f'objects.yaml, document {number}') for number, content in enumerate(contents, start=1)]


def names_of(manifests: list[Manifest]) -> list[str]:
    return [f'{manifest.kind} {manifest.metadata["name"]}' for manifest in manifests]


# ---- YAML ----


@pytest.mark.parametrize(
    ('text', 'value'),
    [
        ('y', True), ('yes', True), ('On', True), ('TRUE', True), ('n', False), ('No', False), ('off', False),
        ('~', None), ('null', None), ('', None),
        ('1e3', 1000), ('1.5e3', 1500), ('.5', 0.5), ('1.', 1), ('+1', 1), ('-0', 0), ('1_000', 1000), ('-1_0', -10),
        ('0644', 420), ('0o644', 420), ('0x1F', 31), ('0b11', 3), ('08', 8),
        ('22:22', '22:22'), ('12:30:45', '12:30:45'), ('2024-01-01', '2024-01-01'), ('=', '='), ('1.2.3', '1.2.3'),
        ('2024-01-01T00:00:00Z', '2024-01-01T00:00:00Z'), ('0o_', '0o_'), ('yEs', 'yEs'), ('10Mi', '10Mi'),
        ('"1"', '1'), ("'yes'", 'yes'), ('!!str 1', '1'), ('!!int "1"', 1), ('!!float 1', 1.0), ('|\n  1\n', '1\n'),
        ('12345678901234567890', 12345678901234567890), ('1e16', 1e16),
    ],
)  # fmt: skip
def test_scalars_are_what_they_are_to_kubectl(text: str, value: object) -> None:
    (found,) = parse_yaml(f'value: {text}')
    assert (type(found['value']), found) == (type(value), {'value': value})


@pytest.mark.parametrize(('text', 'key'), [('1', '1'), ('true', 'true'), ('n', 'false'), ('1.5', '1.5'), ('"1"', '1')])
def test_keys_become_texts(text: str, key: str) -> None:
    assert list(parse_yaml(f'{text}: 1')) == [{key: 1}]


def test_aliases_are_copies_of_their_anchors() -> None:
    (found,) = parse_yaml('a: &a {x: [1]}\nb: *a')
    assert found == {'a': {'x': [1]}, 'b': {'x': [1]}}
    assert found['a'] is not found['b']


def test_aliases_that_grow_without_end_are_refused_at_once() -> None:
    lines = ['a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]']
    lines += [f'{name}: &{name} [{", ".join([f"*{inner}"] * 10)}]' for inner, name in itertools.pairwise('abcdefghi')]
    with pytest.raises(YAMLError, match='its aliases make it far too large'):
        list(parse_yaml('\n'.join(lines)))


def test_mappings_are_merged_where_they_say_so() -> None:
    (found,) = parse_yaml('a: &a {x: 1, y1: 1}\nb: &b {y1: 2, z: 2}\nc: {z: 3, <<: [*a, *b]}\nd: {<<: *b}')
    assert found['c'] == {'x': 1, 'y1': 1, 'z': 3}
    assert found['d'] == {'y1': 2, 'z': 2}


@pytest.mark.parametrize(
    ('text', 'line', 'message'),
    [
        ('a: 1\nb: 2\na: 3', 3, "the key 'a' is there twice"),
        ('a:\n  1: x\n  "1": y', 3, "the key '1' is there twice"),
        ('a:\n- &a\n  - *a', 2, 'an alias contains itself'),
        ('a: .inf', 1, 'JSON has no .inf'),
        ('a:\n- .NaN', 2, 'JSON has no .NaN'),
        ('a: 1e999', 1, '1e999 is too large'),
        ('a: !Ref x', 1, 'JSON has no !Ref'),
        ('a: !!int x', 1, "'x' is no int"),
        ('[1]: x', 1, 'a key has to be a text'),
        ('~: x', 1, 'a key has to be a text'),
        ('a: {<<: 1}', 1, 'only mappings can be merged'),
    ],
)
def test_what_is_no_json_is_refused_with_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(YAMLError) as caught:
        list(parse_yaml(text))
    assert (caught.value.line, str(caught.value)) == (line, message)


@pytest.mark.parametrize(
    ('text', 'line', 'message'),
    [
        ('a: 1\n b: 2', 2, 'mapping values are not allowed'),
        ('a: 1\nb: *x', 2, 'undefined alias'),
        ('a: 1\nb: "\x00"', 2, 'special characters are not allowed|control characters are not allowed'),
        ('a: 1\nb: @x', 2, 'cannot start any token'),
    ],
)
def test_what_is_no_yaml_is_refused_with_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(YAMLError, match=message) as caught:
        list(parse_yaml(text))
    assert caught.value.line == line


texts = st.text(st.characters(min_codepoint=32, max_codepoint=0x24F, exclude_categories=['Cc', 'Cs']))
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
documents = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=10)


@given(documents)
def test_json_is_yaml_too(document: Any) -> None:
    assert list(parse_yaml(json.dumps(document, ensure_ascii=False))) == [document]


# ---- Files ----


def test_a_file_has_any_number_of_documents(tmp_path: Path) -> None:
    (tmp_path / 'a.yaml').write_text(
        f'---\n---\n{json.dumps(POD)}\n---\n# nothing\n---\n{json.dumps(NAMESPACE)}\n...\n'
    )
    found = read_manifests(tmp_path / 'a.yaml')
    assert [manifest.content for manifest in found] == [POD, NAMESPACE]
    assert [manifest.origin for manifest in found] == [f'{tmp_path}/a.yaml, document {number}' for number in (2, 4)]


def test_a_folder_is_read_with_its_subfolders_in_the_order_of_names(tmp_path: Path) -> None:
    for place, name in (('b.yaml', 'b'), ('a/z.yml', 'a-z'), ('a/b/c.JSON', 'a-b-c'), ('c.txt', 'c'), ('d.yaml~', 'd')):
        written(tmp_path / place, {**POD, 'metadata': {'name': name}})
    (tmp_path / 'folder.yaml').mkdir()
    assert names_of(read_manifests(tmp_path)) == ['Pod a-b-c', 'Pod a-z', 'Pod b']


@pytest.mark.parametrize('hidden', ['.git/a.yaml', '.github/workflows/a.yml', 'b/.cache/a.json', '.hooks.yaml'])
def test_what_is_hidden_in_a_folder_is_left_alone(tmp_path: Path, hidden: str) -> None:
    place = written(tmp_path / '.all' / hidden, POD)
    written(tmp_path / '.all' / 'pods.yaml', NAMESPACE)
    assert names_of(read_manifests(tmp_path / '.all')) == ['Namespace ns1']
    assert names_of(read_manifests(place)) == ['Pod pod1']


def test_a_template_is_refused_with_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / 'chart.yaml'
    file.write_text('metadata: {name: {{ .Release.Name }}}')
    with pytest.raises(ManifestError, match=r'line 1: .*; if this is a template of Helm, load what it makes: helm '):
        read_manifests(file)


def test_a_file_that_is_named_can_have_any_suffix(tmp_path: Path) -> None:
    assert names_of(read_manifests(written(tmp_path / 'pods.txt', POD))) == ['Pod pod1']


def test_lists_are_taken_apart(tmp_path: Path) -> None:
    inner = {'apiVersion': 'v1', 'kind': 'List', 'items': [NAMESPACE]}
    path = written(tmp_path / 'a.yaml', {'apiVersion': 'v1', 'kind': 'List', 'items': [POD, inner]})
    found = read_manifests(path)
    assert [manifest.content for manifest in found] == [POD, NAMESPACE]
    assert found[1].origin == f'{path}, document 1, item 2, item 1'


@pytest.mark.parametrize('items', [[], None])
def test_a_list_may_be_empty(tmp_path: Path, items: object) -> None:
    assert read_manifests(written(tmp_path / 'a.yaml', {'apiVersion': 'v1', 'kind': 'PodList', 'items': items})) == []


def test_items_of_a_list_have_the_kind_that_it_says(tmp_path: Path) -> None:
    listed = {'apiVersion': 'v1', 'kind': 'PodList', 'items': [{'metadata': {'name': 'pod1'}}]}
    (found,) = read_manifests(written(tmp_path / 'a.json', listed))
    assert found.content == POD


def test_a_kind_that_only_sounds_like_a_list_is_an_object(tmp_path: Path) -> None:
    content = {'apiVersion': 'x.dev/v1', 'kind': 'PriceList', 'metadata': {'name': 'x'}}
    (found,) = read_manifests(written(tmp_path / 'a.yaml', content))
    assert found.content == content


def test_json_files_have_documents_one_after_another(tmp_path: Path) -> None:
    (tmp_path / 'a.json').write_text(
        f'\ufeff\t{json.dumps(POD, indent="	")}\n{json.dumps(NAMESPACE)}null \n', 'utf-8'
    )
    assert names_of(read_manifests(tmp_path / 'a.json')) == ['Pod pod1', 'Namespace ns1']


@pytest.mark.parametrize(
    ('name', 'content', 'message'),
    [
        ('a.yaml', b'[1, 2]', 'document 1: this is no object but [1, 2]'),
        ('a.yaml', b'--- {}', 'document 1: apiVersion has to be a text, not nothing'),
        ('a.yaml', b'apiVersion: 1', 'document 1: apiVersion has to be a text, not 1'),
        ('a.yaml', b'apiVersion: v1', 'document 1: kind has to be a text, not nothing'),
        ('a.yaml', b'apiVersion: v1\nkind: ""', "document 1: kind has to be a text, not ''"),
        ('a.yaml', b'apiVersion: v1\nkind: Pod\nmetadata: x', "document 1: metadata has to be an object, not 'x'"),
        ('a.yaml', b'apiVersion: v1\nkind: List\nitems: [1]', 'document 1, item 1: this is no object but 1'),
        ('a.yaml', b'---\n---\na: 1\na: 2', "document 2, line 4: the key 'a' is there twice"),
        ('a.yaml', b'a: \xff', 'this is no UTF-8'),
        ('a.json', b'{"a": 1, "a": 2}', "document 1, line 1: the key 'a' is there twice"),
        ('a.json', b'{"a":\n NaN}', 'document 1, line 1: JSON has no NaN'),
        ('a.json', b'null\n{"a"', 'document 2, line 2: this is no JSON: '),
        ('a.json', b'[' * 100_000, 'document 1: it is nested too deep'),
    ],
)
def test_what_is_no_object_is_refused_with_its_place(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ManifestError) as caught:
        read_manifests(tmp_path)
    separator = ':' if message.startswith('this is no UTF-8') else ','
    assert str(caught.value).startswith(f'{tmp_path / name}{separator} {message}')


@pytest.mark.parametrize(
    ('name', 'content', 'tool'),
    [
        ('kustomization.yaml', 'resources: [a.yaml]', 'kubectl kustomize …'),
        ('kustomization.yml', 'apiVersion: kustomize.config.k8s.io/v1beta1', 'kubectl kustomize …'),
        ('Chart.yaml', 'apiVersion: v2\nname: web', 'helm template …'),
    ],
)
def test_what_is_for_another_tool_is_refused_with_its_command(
    tmp_path: Path, name: str, content: str, tool: str
) -> None:
    (tmp_path / name).write_text(content, 'utf-8')
    with pytest.raises(ManifestError, match=f'has to be a text, not nothing; .* load what it makes instead: {tool}$'):
        read_manifests(tmp_path)


def test_a_folder_without_manifests_is_refused(tmp_path: Path) -> None:
    (tmp_path / 'a.txt').write_text('a')
    with pytest.raises(ManifestError, match=r'has no manifests: no \.yaml, \.yml, \.json$'):
        read_manifests(tmp_path)


def test_a_path_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_manifests(tmp_path / 'nothing')


# ---- What is no file ----


def test_sources_are_paths_and_objects_and_any_number_of_them(tmp_path: Path) -> None:
    path = written(tmp_path / 'a.yaml', POD)
    listed = {'apiVersion': 'v1', 'kind': 'List', 'items': [EXAMPLE]}
    found = read_sources([path, NAMESPACE, (one for one in [str(path), None, listed, [NAMESPACE]]), []])
    assert [manifest.content for manifest in found] == [POD, NAMESPACE, POD, EXAMPLE, NAMESPACE]
    assert [manifest.origin for manifest in found] == [
        f'{path}, document 1',
        'argument 2',
        f'{path}, document 1',
        'argument 3, item 3, item 1',
        'argument 3, item 4, item 1',
    ]


def test_objects_that_are_given_are_copied() -> None:
    content: dict[str, Any] = {**POD, 'spec': {'containers': [{'name': 'main'}]}}
    (found,) = read_sources([content])
    content['spec']['containers'].clear()
    assert found.content['spec'] == {'containers': [{'name': 'main'}]}


@pytest.mark.parametrize(
    ('source', 'message'),
    [
        (5, 'argument 1: a manifest is a mapping, or the path of a file or a folder, not int: 5'),
        (b'a.yaml', "argument 1: a manifest is a mapping, or the path of a file or a folder, not bytes: b'a.yaml'"),
        ('a: 1\nb: 2', 'argument 1: a text is a path, but this one has many lines; parse it: yaml.safe_load_all(…)'),
        ([POD, 5], 'argument 1, item 2: a manifest is a mapping, or the path of a file or a folder, not int: 5'),
        ([POD, {'kind': 'Pod'}], 'argument 1, item 2: apiVersion has to be a text, not nothing'),
        ({**POD, 'spec': {1}}, 'argument 1: JSON has no set: {1}, but it is the value of spec'),
        ({'': [{**POD, 'kind': 1}]}, 'argument 1: apiVersion has to be a text, not nothing'),
    ],
)
def test_what_is_no_source_is_refused_with_its_place(source: Any, message: str) -> None:
    with pytest.raises(ManifestError) as caught:
        read_sources([source])
    assert str(caught.value) == message


# ---- Order ----


def test_namespaces_come_first_then_definitions_then_the_rest_as_they_came() -> None:
    ordered = in_order(manifests_of(EXAMPLE, POD, DEFINITION, NAMESPACE))
    assert names_of(ordered) == [
        'Namespace ns1', 'CustomResourceDefinition kopfexamples.kopf.dev', 'KopfExample example1', 'Pod pod1',
    ]  # fmt: skip


# ---- Definitions ----


def test_a_definition_makes_a_resource_of_each_served_version() -> None:
    found = resources_of_crds(manifests_of(POD, DEFINITION))
    info = ResourceInfo(
        namespaced=True,
        kind='KopfExample',
        singular='kopfexample',
        verbs=['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
        shortnames=['kex'],
        categories=['all'],
        subresources=['status'],
    )
    assert [str(one) for one in found] == ['kopf.dev/v1/kopfexamples', 'kopf.dev/v1beta1/kopfexamples']
    assert found[next(iter(found))] == info


@pytest.mark.parametrize('spec', [None, {}, {**DEFINITION['spec'], 'versions': 1}, {**DEFINITION['spec'], 'names': {}}])
def test_a_broken_definition_is_refused_with_its_place(spec: object) -> None:
    with pytest.raises(ManifestError, match=r'^objects\.yaml, document 1: the CustomResourceDefinition has '):
        resources_of_crds(manifests_of({**DEFINITION, 'spec': spec}))


# ---- Objects ----


@pytest.fixture
def kmock() -> KubernetesEmulator:
    return KubernetesEmulator()


def test_objects_are_stored_where_they_belong(kmock: KubernetesEmulator) -> None:
    load(manifests_of(NAMESPACE, DEFINITION, EXAMPLE), kmock.resources, kmock.objects)
    assert [str(key) for key in kmock.objects] == [
        'v1/namespaces ns1',
        'apiextensions.k8s.io/v1/customresourcedefinitions kopfexamples.kopf.dev',
        'kopf.dev/v1/kopfexamples ns1/example1',
    ]
    assert kmock.objects['kopf.dev/v1/kopfexamples', 'ns1', 'example1'] == EXAMPLE


def test_an_object_that_names_no_namespace_is_one_of_default(kmock: KubernetesEmulator) -> None:
    load(manifests_of(POD), kmock.resources, kmock.objects)
    assert kmock.objects['v1/pods', 'default', 'pod1'] == {**POD, 'metadata': {'name': 'pod1', 'namespace': 'default'}}


def test_an_object_of_unknown_scope_is_where_it_says(kmock: KubernetesEmulator) -> None:
    kmock.resources['kopf.dev/v1/kopfexamples'] = {'kind': 'KopfExample'}
    load(manifests_of(EXAMPLE, {**EXAMPLE, 'metadata': {'name': 'e2'}}), kmock.resources, kmock.objects)
    assert [key[1:] for key in kmock.objects] == [('ns1', 'example1'), (None, 'e2')]


def test_resources_of_what_is_loaded_become_known(kmock: KubernetesEmulator) -> None:
    load(manifests_of(POD, DEFINITION), kmock.resources, kmock.objects)
    assert {str(one): info.kind for one, info in kmock.resources.items()} == {
        'v1/pods': 'Pod',
        'apiextensions.k8s.io/v1/customresourcedefinitions': 'CustomResourceDefinition',
        'kopf.dev/v1/kopfexamples': 'KopfExample',
        'kopf.dev/v1beta1/kopfexamples': 'KopfExample',
    }


def test_what_the_test_has_said_of_a_resource_stays(kmock: KubernetesEmulator) -> None:
    kmock.resources['v1/pods'] = {'kind': 'Pod', 'namespaced': False}
    load(manifests_of(POD), kmock.resources, kmock.objects)
    assert kmock.resources['v1/pods'] == ResourceInfo(kind='Pod', namespaced=False)
    assert kmock.objects['v1/pods', None, 'pod1'] == POD


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (EXAMPLE, 'the kind KopfExample of kopf.dev/v1 is not known; load its CustomResourceDefinition too, or a file'),
        ({**POD, 'apiVersion': 'v2'}, 'the kind Pod of v2 is not known (it is there in v1); load '),
        (
            {'apiVersion': 'kustomize.config.k8s.io/v1beta1', 'kind': 'Kustomization'},
            'Kustomization is for kustomize: load what it makes instead: kubectl kustomize ',
        ),
        ({**POD, 'metadata': {}}, 'metadata.name has to be a text, not None'),
        ({**POD, 'metadata': {'name': ''}}, "metadata.name has to be a text, not ''"),
        ({**POD, 'metadata': {'name': 1}}, 'metadata.name has to be a text, not 1'),
        ({**POD, 'metadata': None}, 'metadata.name has to be a text, not None'),
        ({**POD, 'metadata': {'name': 'x', 'namespace': 1}}, 'metadata.namespace has to be a text, not 1'),
    ],
)
def test_one_object_that_can_not_be_stored_keeps_all_from_being_so(
    kmock: KubernetesEmulator, content: object, message: str
) -> None:
    with pytest.raises(ManifestError) as caught:
        load(manifests_of(NAMESPACE, content), kmock.resources, kmock.objects)
    assert str(caught.value).startswith(f'objects.yaml, document 2: {message}')
    assert not kmock.objects
    assert not kmock.resources


# ---- The handler ----


def test_a_handler_loads_many_paths_in_one_order(kmock: KubernetesEmulator, tmp_path: Path) -> None:
    first, second = written(tmp_path / 'z.yaml', EXAMPLE), written(tmp_path / 'folder/a.yaml', DEFINITION, NAMESPACE)
    assert kmock.load_path(first, second.parent) == 3
    assert [key.name for key in kmock.objects] == ['ns1', 'kopfexamples.kopf.dev', 'example1']


def test_objects_are_given_back_in_the_order_they_are_given_in(kmock: KubernetesEmulator) -> None:
    found = kmock.load(EXAMPLE, [DEFINITION, NAMESPACE])
    assert [one['kind'] for one in found] == ['KopfExample', 'CustomResourceDefinition', 'Namespace']
    assert [one.history for one in found] == [[EXAMPLE], [DEFINITION], [NAMESPACE]]


def test_errors_of_manifests_are_errors_of_kmock_and_of_values() -> None:
    assert issubclass(ManifestError, KMockError)
    assert issubclass(ManifestError, ValueError)
