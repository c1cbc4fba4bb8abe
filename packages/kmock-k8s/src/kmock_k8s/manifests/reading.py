"""Reading manifests: files and folders, in YAML and JSON, with any number of objects in each; and what is parsed."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias, cast

from kmock_k8s.errors import ManifestError, NotJSONError
from kmock_k8s.manifests.yaml import YAMLError, parse_yaml
from kmock_k8s.model.decoding import refuse_constant
from kmock_k8s.model.encoding import JSONObject, copy_object

ManifestSource: TypeAlias = str | PathLike[str] | Mapping[str, Any] | Iterable[Any]
"""Where objects come from: the path of a file or of a folder, an object or a list of the API, many of all these.

As for the many of them: dictionaries are iterable, too, and mypy would not take all that are meant as mappings.
"""

SUFFIXES = ('.yaml', '.yml', '.json')
"""The files of a folder that are manifests; those that are given by name can have any."""

_ADVICE = '; if this is a template of Helm, load what it makes: helm template …'
_KUSTOMIZE = '; this file is for kustomize: load what it makes instead: kubectl kustomize …'
_ADVICES = {
    'Chart.yaml': '; this file is for Helm: load what it makes instead: helm template …',
    'Kustomization': _KUSTOMIZE,
    'kustomization.yaml': _KUSTOMIZE,
    'kustomization.yml': _KUSTOMIZE,
}
"""What to do with files that are found among manifests, by their names."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One object; its `origin` says where it is written, for errors."""

    content: JSONObject
    origin: str

    @property
    def api_version(self) -> str:
        """The group and the version, or the version alone of the core group."""
        return cast('str', self.content['apiVersion'])

    @property
    def kind(self) -> str:
        """The kind."""
        return cast('str', self.content['kind'])

    @property
    def metadata(self) -> JSONObject:
        """The metadata, empty if there are none."""
        return cast('JSONObject', self.content.get('metadata') or {})


def read_sources(sources: Iterable[ManifestSource]) -> list[Manifest]:
    """The objects of all kinds of sources, in their order.

    Raises:
        ManifestError: something is no object; the message says in which argument, or in which file and document.
        OSError: a file can't be read.
    """
    return [found for number, one in enumerate(sources, start=1) for found in _read_source(one, f'argument {number}')]


def _read_source(source: object, origin: str) -> Iterator[Manifest]:
    if isinstance(source, str) and '\n' in source:
        raise ManifestError(f'{origin}: a text is a path, but this one has many lines; parse it: yaml.safe_load_all(…)')
    if isinstance(source, (str, PathLike)):
        yield from read_manifests(cast('str | PathLike[str]', source))
    elif isinstance(source, Mapping):
        try:
            content = copy_object(cast('object', source))
        except NotJSONError as exc:
            raise ManifestError(f'{origin}: {exc}') from exc
        yield from _flatten(content, origin)
    elif isinstance(source, Iterable) and not isinstance(source, (bytes, bytearray)):
        for number, item in enumerate(cast('Iterable[object]', source), start=1):
            if item is not None:  # as of an empty document
                yield from _read_source(item, f'{origin}, item {number}')
    else:
        given = f'{type(source).__name__}: {_shorten(source)}'
        raise ManifestError(f'{origin}: a manifest is a mapping, or the path of a file or a folder, not {given}')


def read_manifests(path: str | PathLike[str]) -> list[Manifest]:
    """The objects of a file, or of all files of a folder, in the order of their names; but for hidden ones, as `.git`.

    Lists are taken apart, empty documents are left out.

    Raises:
        ManifestError: something is no object; the message says in which file and document.
        OSError: a file can't be read.
    """
    place = Path(path)
    if not place.is_dir():
        return list(_read_file(place))
    found = (file for file in place.rglob('*') if file.suffix.lower() in SUFFIXES and file.is_file())
    files = sorted(file for file in found if not _is_hidden(file.relative_to(place)))
    if not files:
        raise ManifestError(f'{place} has no manifests: no {", ".join(SUFFIXES)}')
    return [manifest for file in files for manifest in _read_file(file)]


def _is_hidden(path: Path) -> bool:
    return any(step.startswith('.') for step in path.parts)


def in_order(manifests: Iterable[Manifest]) -> list[Manifest]:
    """The same in an order that works: namespaces first, then definitions of resources, then the rest as they came."""
    return sorted(manifests, key=_rank)


def _rank(manifest: Manifest) -> int:
    if (manifest.api_version, manifest.kind) == ('v1', 'Namespace'):
        return 0
    return 1 if is_definition(manifest) else 2


def is_definition(manifest: Manifest) -> bool:
    """True for a ``CustomResourceDefinition``."""
    return manifest.kind == 'CustomResourceDefinition' and manifest.api_version.startswith('apiextensions.k8s.io/')


def _read_file(path: Path) -> Iterator[Manifest]:
    try:
        text = path.read_bytes().decode('utf-8-sig')
    except UnicodeDecodeError as exc:
        raise ManifestError(f'{path}: this is no UTF-8: {exc}') from exc
    documents = _parse_json(text) if path.suffix.lower() == '.json' else parse_yaml(text)
    number = 0
    try:
        for number, content in enumerate(documents, start=1):
            if content is not None:
                yield from _flatten(content, f'{path}, document {number}')
    except ManifestError as exc:
        raise ManifestError(f'{exc}{_ADVICES.get(path.name, "")}') from None
    except YAMLError as exc:
        advice = _ADVICE if '{{' in text else ''
        raise ManifestError(f'{path}, document {number + 1}, line {exc.line}: {exc}{advice}') from exc
    except RecursionError as exc:
        raise ManifestError(f'{path}, document {number + 1}: it is nested too deep') from exc


def _flatten(content: Any, origin: str, *, api_version: Any = None, kind: Any = None) -> Iterator[Manifest]:
    if not isinstance(content, dict):
        raise ManifestError(f'{origin}: this is no object but {_shorten(content)}')
    fields = cast('JSONObject', content)
    if api_version is not None:  # what an item of a list leaves out, the list says: as kubectl reads it
        fields = {'apiVersion': api_version, 'kind': kind, **fields} if kind else {'apiVersion': api_version, **fields}
    for name in ('apiVersion', 'kind'):
        if not isinstance(fields.get(name), str) or not fields[name]:
            raise ManifestError(f'{origin}: {name} has to be a text, not {_shorten(fields.get(name))}')
    if fields['kind'].endswith('List') and isinstance(fields.get('items', ...), list | None):
        items: list[Any] = fields['items'] or []
        inner = fields['kind'].removesuffix('List')
        for number, item in enumerate(items, start=1):
            place = f'{origin}, item {number}'
            yield from _flatten(item, place, api_version=fields['apiVersion'] if inner else None, kind=inner)
        return
    if not isinstance(fields.get('metadata', {}), dict):
        raise ManifestError(f'{origin}: metadata has to be an object, not {_shorten(fields["metadata"])}')
    yield Manifest(fields, origin)


# ---- JSON ----


def _parse_json(text: str) -> Iterator[Any]:
    """The documents of a text, one after another, as kubectl reads it too; each key must be there once."""
    decoder = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=refuse_constant)
    position = _skip(text, 0)
    while position < len(text):
        try:
            content, position = decoder.raw_decode(text, position)
        except json.JSONDecodeError as exc:
            raise YAMLError(f'this is no JSON: {exc.msg}', exc.lineno) from exc
        except ValueError as exc:
            raise YAMLError(str(exc), text.count('\n', 0, position) + 1) from exc
        yield content
        position = _skip(text, position)


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position] in ' \t\r\n':
        position += 1
    return position


def _unique(pairs: list[tuple[str, Any]]) -> JSONObject:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise ValueError(f'the key {repeated!r} is there twice')
    return found


def _shorten(value: Any) -> str:
    shown = 'nothing' if value is None else repr(value)
    return shown if len(shown) <= 60 else f'{shown[:59]}…'
