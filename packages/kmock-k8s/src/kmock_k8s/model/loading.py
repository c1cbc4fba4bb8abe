"""Reading what is known of resources: dictionaries, answers of discovery, files."""

import json
from collections.abc import Iterable, Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias, cast

from kmock_k8s.model.info import ResourceInfo
from kmock_k8s.model.resources import resource

Definition: TypeAlias = tuple[resource, ResourceInfo]

BUNDLED = 'kubernetes-1.36-resources.json.gz'
"""The resources of a current Kubernetes; derived by ``tools/derive_resources.py``."""
SHOWN = 200
"""How many characters of a wrong document are shown."""


def read_data(data: object) -> list[Definition]:
    """The resources that are defined by data of any of these shapes.

    - ``{'v1/pods': {'kind': 'Pod', …}, …}``, with all keys of a `ResourceDict`;
    - an ``APIResourceList`` of the API, or many of them: in a list, or by their group and version in a mapping;
    - any of these as the ``resources`` of a mapping.
    """
    fields: Mapping[str, Any] = cast('Any', data)
    if isinstance(data, Mapping):
        inner: Any = fields.get('resources')
        if 'groupVersion' in fields:
            return _read_api_list(fields)
        if isinstance(inner, Mapping) or (isinstance(inner, list) and len(fields) == 1):
            return read_data(cast('object', inner))
        return [found for key, item in fields.items() for found in _read_item(key, item)]
    if isinstance(data, Iterable) and not isinstance(data, (str, bytes)):
        return [found for item in cast('Iterable[object]', data) for found in read_data(item)]
    raise TypeError(f"Resources are defined by mappings like {{'v1/pods': {{'kind': 'Pod'}}}}, not by {data!r}")


def _read_item(key: Any, item: Any) -> Iterator[Definition]:
    if isinstance(item, Mapping) and 'groupVersion' in item:
        yield from _read_api_list(cast('Mapping[str, Any]', item))
        return
    one = resource(*resource(key).key)  # it has to be a full one
    try:
        yield one, ResourceInfo.of(cast('Any', item))
    except TypeError as exc:
        raise TypeError(f'{key}: {exc}') from exc


def _read_api_list(document: Mapping[str, Any]) -> list[Definition]:
    try:
        return list(_iterate_api_list(document))
    except (AttributeError, KeyError, TypeError) as exc:
        shown = repr(document)[:SHOWN]
        raise TypeError(f'An APIResourceList has a groupVersion, and resources with names, not {shown}: {exc}') from exc


def _iterate_api_list(document: Mapping[str, Any]) -> Iterator[Definition]:
    """Read an ``APIResourceList``, where subresources are among the resources: ``pods/status``."""
    group, _, version = document['groupVersion'].rpartition('/')
    subresources: dict[str, list[str]] = {}
    for item in document['resources']:
        plural, _, subresource = item['name'].partition('/')
        if subresource:
            subresources.setdefault(plural, []).append(subresource)
    for item in document['resources']:
        if '/' not in item['name']:
            yield (
                resource(group=group, version=version, plural=item['name']),
                ResourceInfo(
                    namespaced=item.get('namespaced'),
                    kind=item.get('kind'),
                    singular=item.get('singularName') or None,
                    verbs=item.get('verbs'),
                    shortnames=item.get('shortNames'),
                    categories=item.get('categories'),
                    subresources=subresources.get(item['name']),
                ),
            )


def parse_data(text: str | bytes) -> Any:
    """The definitions in a text; a ValueError if it is no JSON."""
    try:
        return json.loads(text)
    except ValueError as exc:
        raise ValueError(f'The definitions of resources are no JSON: {exc}') from exc


def read_path(path: str | PathLike[str]) -> Any:
    """The JSON of a file, which may be compressed: ``.gz``, ``.bz2``, ``.xz``, ``.zst``."""
    place = Path(path)
    content = place.read_bytes()
    try:
        content = decompress(content, place.suffix)
    except ImportError:
        raise
    except Exception as exc:  # each format has errors of its own
        raise ValueError(f'{place} can not be decompressed: {exc}') from exc
    try:
        return json.loads(content)
    except ValueError as exc:
        raise ValueError(f'{place} is no JSON: {exc}') from exc


def read_bundled() -> Any:
    """The version and the discovery of the Kubernetes whose resources come with this package."""
    return read_path(Path(__file__).parent.parent / 'data' / BUNDLED)


def decompress(content: bytes, suffix: str) -> bytes:
    """What was compressed, by the suffix of its file; with an unknown one, it is as it is."""
    match suffix.lower():
        case '.gz':
            import gzip

            return gzip.decompress(content)
        case '.bz2':
            import bz2

            return bz2.decompress(content)
        case '.xz':
            import lzma

            return lzma.decompress(content)
        case '.zst':
            return _decompress_zst(content)
        case _:
            return content


def compress(content: bytes, suffix: str) -> bytes:
    """The reverse of `decompress`: the same content is always the same bytes."""
    match suffix.lower():
        case '.gz':
            import gzip

            return gzip.compress(content, mtime=0)
        case '.bz2':
            import bz2

            return bz2.compress(content)
        case '.xz':
            import lzma

            return lzma.compress(content)
        case '.zst':
            return cast('bytes', _import_zst().compress(content))
        case _:
            return content


def _decompress_zst(content: bytes) -> bytes:
    return cast('bytes', _import_zst().decompress(content))


def _import_zst() -> Any:
    from importlib import import_module

    for name in ('compression.zstd', 'backports.zstd', 'pyzstd'):
        try:
            return import_module(name)
        except ImportError:
            continue
    raise ModuleNotFoundError('Before Python 3.14, .zst files need a library: pip install backports.zstd')
