"""A criterion on the validity of a JSON document by a JSON Schema."""

import json
import os
from collections.abc import Mapping
from itertools import islice
from typing import Any, ClassVar, cast

from kmock_core.criteria.base import Criteria, Finding
from kmock_core.criteria.extras import document_of, load
from kmock_core.criteria.patterns import ABSENT, describe
from kmock_core.errors import UnsupportedCriterionError
from kmock_core.values.requests import Request

SHOWN = 3
"""How many errors of a document an explanation shows."""


class jsonschema(Criteria):
    """The JSON data are valid by a JSON Schema of any draft (2020-12 where it does not say).

    A schema is checked at once, with all of its references: those into itself, and those to other files if it is a file
    itself; nothing is fetched from the network. Comes with ``pip install 'kmock-core[jsonschema]'``.

    Args:
        schema: the schema, or the path of a JSON file.

    >>> jsonschema({'type': 'object', 'required': ['id']})
    jsonschema({'type': 'object', 'required': ['id']})
    """

    __slots__ = ('_shown', '_validator', 'schema')

    schema: 'Mapping[str, Any] | bool'

    def __init__(self, schema: 'Mapping[str, Any] | bool | str | os.PathLike[str]') -> None:
        library = load('jsonschema_rs', extra='jsonschema')
        base_uri: str | None = None
        if isinstance(schema, (str, os.PathLike)):
            self._shown = repr(os.fspath(schema))
            self.schema, base_uri = _read(schema)
        else:
            self._shown = describe(schema)
            self.schema = schema
        plain: object = dict(self.schema) if isinstance(self.schema, Mapping) else self.schema
        try:
            self._validator = library.validator_for(plain, base_uri=base_uri, retriever=_retrieve)
        except ValueError as exc:
            raise UnsupportedCriterionError(f'{self._shown} is no JSON Schema: {_tell(exc)}', self.schema) from exc

    def __repr__(self) -> str:
        return f'jsonschema({self._shown})'

    def __eq__(self, other: object) -> bool:
        return other.schema == self.schema if isinstance(other, jsonschema) else NotImplemented

    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # as the other criteria

    def check(self, request: Request, /) -> bool:
        document = document_of(request)
        try:
            return document is not ABSENT and bool(self._validator.is_valid(document))
        except ValueError:  # a file in a form is no JSON
            return False

    def explain(self, request: Request, /) -> list[Finding]:
        document = document_of(request)
        if document is ABSENT:
            absent = 'the body is not JSON' if request.body else 'no body'
            return [Finding('jsonschema', False, f'jsonschema: {absent}')]
        try:
            errors = [_tell(error) for error in islice(self._validator.iter_errors(document), SHOWN + 1)]
        except ValueError as exc:
            errors = [_tell(exc)]
        if not errors:
            return [Finding('jsonschema', held=True)]
        shown = '; '.join(errors[:SHOWN]) + ('; …' if len(errors) > SHOWN else '')
        return [Finding('jsonschema', False, f'jsonschema: {shown}')]


def _tell(error: Any) -> str:
    """The place of an error as a JSON Pointer (RFC 6901), and the message."""
    places = cast('list[str | int]', getattr(error, 'instance_path', []))
    pointer = ''.join('/' + str(place).replace('~', '~0').replace('/', '~1') for place in places)
    message = str(getattr(error, 'message', error))
    return f'{pointer}: {message}' if pointer else message


def _read(path: 'str | os.PathLike[str]') -> tuple[Any, str]:
    from pathlib import Path  # heavy, and loaded already by those who have a path

    file = Path(path)
    try:
        return json.loads(file.read_bytes()), file.absolute().as_uri()
    except (OSError, ValueError) as exc:
        raise UnsupportedCriterionError(f'{os.fspath(path)!r} is no JSON Schema: {exc}', path) from exc


def _retrieve(uri: str) -> Any:
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    parts = urlsplit(uri)
    if parts.scheme != 'file':
        raise LookupError(f'only files are read, not {uri}')
    return _read(url2pathname(parts.path))[0]
