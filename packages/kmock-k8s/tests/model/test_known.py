"""The known resources: a mapping in any notation, and what it is loaded from."""

import bz2
import gzip
import json
import lzma
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from kmock_k8s import ResourceDict, ResourceInfo, ResourcesArray, resource
from kmock_k8s.errors import ResourceNotationError
from kmock_k8s.model.loading import read_bundled

EXAMPLES = 'kopf.dev/v1/kopfexamples'
DATA: dict[str, ResourceDict] = {EXAMPLES: {'kind': 'KopfExample', 'namespaced': True, 'verbs': ['get', 'list']}}
API_LIST = {
    'kind': 'APIResourceList',
    'groupVersion': 'kopf.dev/v1',
    'resources': [
        {
            'name': 'kopfexamples',
            'singularName': 'kopfexample',
            'namespaced': True,
            'kind': 'KopfExample',
            'verbs': ['get', 'list'],
            'shortNames': ['kex'],
            'categories': ['all'],
        },
        {
            'name': 'kopfexamples/status',
            'singularName': '',
            'namespaced': True,
            'kind': 'KopfExample',
            'verbs': ['get'],
        },
    ],
}


@pytest.fixture
def resources() -> ResourcesArray:
    return ResourcesArray()


@pytest.mark.parametrize('key', [EXAMPLES, 'kopfexamples.v1.kopf.dev', ('kopf.dev', 'v1', 'kopfexamples')])
def test_keys_are_in_any_notation(resources: ResourcesArray, key: Any) -> None:
    resources[key] = {'kind': 'KopfExample'}
    assert resources[EXAMPLES].kind == resources['kopfexamples'].kind == 'KopfExample'
    assert list(resources) == [resource(EXAMPLES)]
    assert key in resources
    assert 'kopfexamples' in resources


def test_an_entry_that_was_only_read_is_not_there(resources: ResourcesArray) -> None:
    info = resources[EXAMPLES]
    assert info == ResourceInfo()
    assert EXAMPLES not in resources
    assert len(resources) == 0


def test_an_entry_is_there_once_something_is_set_on_it(resources: ResourcesArray) -> None:
    first, second = resources[EXAMPLES], resources[EXAMPLES]
    first.kind = 'KopfExample'
    second.verbs |= {'get'}
    assert resources[EXAMPLES] == ResourceInfo(kind='KopfExample', verbs=['get'])
    assert resources[EXAMPLES] is first is second


def test_an_empty_dictionary_declares_a_resource(resources: ResourcesArray) -> None:
    resources[EXAMPLES] = {}
    assert EXAMPLES in resources
    assert resources[EXAMPLES] == ResourceInfo()


def test_what_is_assigned_is_copied(resources: ResourcesArray) -> None:
    info = ResourceInfo(kind='A')
    resources[EXAMPLES] = info
    info.kind = 'B'
    assert resources[EXAMPLES].kind == 'A'


def test_a_resource_can_be_forgotten(resources: ResourcesArray) -> None:
    resources[EXAMPLES] = {'kind': 'A'}
    del resources['kopfexamples']
    assert EXAMPLES not in resources
    with pytest.raises(KeyError, match=EXAMPLES):
        del resources[EXAMPLES]


def test_the_operations_of_dictionaries_do_not_declare_anything(resources: ResourcesArray) -> None:
    assert resources.get(EXAMPLES) is None
    assert resources.pop(EXAMPLES, None) is None
    with pytest.raises(KeyError):
        resources.pop(EXAMPLES)
    assert not resources
    assert resources.setdefault(EXAMPLES, {'kind': 'A'}).kind == 'A'
    assert resources.setdefault(EXAMPLES, {'kind': 'B'}).kind == 'A'
    assert resources.pop(EXAMPLES) == ResourceInfo(kind='A')
    assert not resources


def test_ambiguous_and_unknown_parts_are_explained(resources: ResourcesArray) -> None:
    resources.load_bundled()
    with pytest.raises(ResourceNotationError, match=r'events can be any of events.k8s.io/v1/events, v1/events'):
        resources['events']
    with pytest.raises(ResourceNotationError, match='No known resource is unknowns: type it in full'):
        resources['unknowns'] = {}


BAD: list[tuple[Any, str]] = [
    ({'kindness': 'A'}, "Unknown of a resource: 'kindness' .known: namespaced, kind"),
    ({'verbs': 'get'}, "verbs of a resource are several texts, e.g. {'get', 'list'}, not 'get'"),
    ({'verbs': [1]}, 'verbs of a resource are several texts'),
    ({'kind': 5}, 'kind of a resource is a text, not 5'),
    ({'namespaced': 'yes'}, "namespaced of a resource is True or False, not 'yes'"),
    ('Pod', 'is a ResourceInfo or a dictionary'),
]


@pytest.mark.parametrize(('value', 'message'), BAD)
def test_wrong_values_are_explained(resources: ResourcesArray, value: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        resources[EXAMPLES] = value
    assert not resources


def test_mistyped_attributes_are_refused_and_declare_nothing(resources: ResourcesArray) -> None:
    info: Any = resources[EXAMPLES]
    with pytest.raises(AttributeError, match=r"Resources have no 'plural' .known: namespaced"):
        info.plural = 'x'
    with pytest.raises(TypeError):
        info.kind = 5
    assert not resources


SHAPES: list[Any] = [API_LIST, [API_LIST], {'kopf.dev/v1': API_LIST}, {'resources': {'kopf.dev/v1': API_LIST}}]


@pytest.mark.parametrize('data', SHAPES)
def test_the_lists_of_the_api_are_loaded_with_their_subresources(resources: ResourcesArray, data: Any) -> None:
    resources.load_data(data)
    assert list(resources) == [resource(EXAMPLES)]
    assert resources[EXAMPLES] == ResourceInfo(
        namespaced=True,
        kind='KopfExample',
        singular='kopfexample',
        verbs={'get', 'list'},
        shortnames={'kex'},
        categories={'all'},
        subresources={'status'},
    )


def test_loading_adds_and_the_last_definition_wins(resources: ResourcesArray) -> None:
    resources['v1/pods'] = {'kind': 'Pod'}
    resources[EXAMPLES] = {'kind': 'Old', 'singular': 'old'}
    resources.load_data(DATA)
    assert resources['v1/pods'].kind == 'Pod'
    assert resources[EXAMPLES] == ResourceInfo(kind='KopfExample', namespaced=True, verbs=['get', 'list'])


@pytest.mark.parametrize('encode', [str, str.encode])
@pytest.mark.parametrize('data', [DATA, [API_LIST]])
def test_data_is_also_taken_as_json(
    resources: ResourcesArray, encode: Callable[[str], str | bytes], data: object
) -> None:
    resources.load_data(encode(json.dumps(data)))
    assert resources[EXAMPLES].kind == 'KopfExample'


@pytest.mark.parametrize('data', ['kind: Pod', b'\xff\xfe', ''])
def test_a_text_that_is_no_json_is_refused(resources: ResourcesArray, data: str | bytes) -> None:
    with pytest.raises(ValueError, match='The definitions of resources are no JSON: '):
        resources.load_data(data)


@pytest.mark.parametrize(
    'data',
    [
        {'groupVersion': 'v1'},
        {'groupVersion': 'v1', 'resources': None},
        {'groupVersion': 'v1', 'resources': [{'kind': 'Pod'}]},
        {'groupVersion': 1, 'resources': []},
        [{'groupVersion': 'v1', 'resources': [{'name': 'pods', 'verbs': 'get'}]}],
    ],
)
def test_a_malformed_list_of_the_api_is_refused_with_what_it_should_have(
    resources: ResourcesArray, data: object
) -> None:
    with pytest.raises(TypeError, match='An APIResourceList has a groupVersion, and resources with names'):
        resources.load_data(data)
    assert not resources


def test_nothing_is_added_by_data_with_an_error(resources: ResourcesArray) -> None:
    with pytest.raises(TypeError, match=r'v1/pods: Unknown of a resource'):
        resources.load_data({**DATA, 'v1/pods': {'kindness': 1}})
    with pytest.raises(ResourceNotationError, match='is not one resource'):
        resources.load_data({**DATA, 'pods': {}})
    with pytest.raises(TypeError, match='Resources are defined by mappings'):
        resources.load_data([5])
    assert not resources


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    '.json': bytes,
    '.json.gz': gzip.compress,
    '.json.bz2': bz2.compress,
    '.json.xz': lzma.compress,
    '.GZ': gzip.compress,
}


@pytest.mark.parametrize('suffix', PACKERS)
def test_files_are_unpacked_by_their_suffix(resources: ResourcesArray, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f'resources{suffix}'
    path.write_bytes(PACKERS[suffix](json.dumps(DATA).encode()))
    resources.load_path(path)
    resources.load_path(str(path))
    assert resources.dump_data() == DATA


def test_zst_files_are_unpacked_by_the_library_that_is_there(
    resources: ResourcesArray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = ModuleType('compression.zstd')
    vars(library)['decompress'] = lambda content: content[::-1]  # pyright: ignore[reportUnknownLambdaType]
    monkeypatch.setitem(sys.modules, 'compression', ModuleType('compression'))
    monkeypatch.setitem(sys.modules, 'compression.zstd', library)
    path = tmp_path / 'resources.json.zst'
    path.write_bytes(json.dumps(DATA).encode()[::-1])
    resources.load_path(path)
    assert resources.dump_data() == DATA


def test_zst_files_without_a_library_tell_what_to_install(
    resources: ResourcesArray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ('compression.zstd', 'backports.zstd', 'pyzstd'):
        monkeypatch.setitem(sys.modules, name, None)
    path = tmp_path / 'resources.json.zst'
    path.write_bytes(b'')
    with pytest.raises(ImportError, match=r'pip install backports.zstd'):
        resources.load_path(path)


@pytest.mark.parametrize('content', [b'{', b'[1]', b'{"groupVersion": "v1"}', b'{"v1/pods": {"x": 1}}', b'\xff'])
def test_files_with_other_content_are_named(resources: ResourcesArray, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / 'resources.json'
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r'resources\.json'):
        resources.load_path(path)
    assert not resources


def test_the_bundled_resources_are_those_of_a_cluster(resources: ResourcesArray) -> None:
    resources.load_bundled()
    pods = resources['v1/pods']
    assert (pods.kind, pods.namespaced, pods.singular) == ('Pod', True, 'pod')
    assert pods.shortnames == {'po'}
    assert {'get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'} == pods.verbs
    assert {'status', 'log', 'exec', 'eviction'} < pods.subresources
    assert resources['apps/v1/deployments'].categories == {'all'}
    assert resources['v1/nodes'].namespaced is False
    assert resources['apiextensions.k8s.io/v1/customresourcedefinitions'].shortnames == {'crd', 'crds'}
    assert all(info.kind and info.verbs and info.namespaced is not None for info in resources.values())


def test_the_bundled_resources_are_small_and_know_their_version() -> None:
    bundled = read_bundled()
    assert bundled['version']['major'] == '1'
    assert int(bundled['version']['minor']) >= 36


def test_what_is_dumped_can_be_loaded(resources: ResourcesArray) -> None:
    resources.load_bundled()
    dumped = json.loads(json.dumps(resources.dump_data()))
    copied = ResourcesArray()
    copied.load_data(dumped)
    assert copied == resources
    assert list(copied) == list(resources)
