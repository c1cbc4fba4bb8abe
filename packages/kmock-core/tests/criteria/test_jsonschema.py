"""``jsonschema()``: criteria on the validity of JSON documents."""

import json
from collections import UserDict
from pathlib import Path
from typing import Any

import pytest

import kmock
from kmock_core import Request
from kmock_core.criteria.base import Finding
from kmock_core.errors import UnsupportedCriterionError

ORDER = {
    'type': 'object',
    'properties': {'id': {'type': 'integer'}, 'items': {'type': 'array', 'items': {'$ref': '#/$defs/item'}}},
    'required': ['id'],
    '$defs': {'item': {'properties': {'price': {'minimum': 0}}}},
}


@pytest.mark.parametrize(
    ('schema', 'sent', 'expected'),
    [
        (ORDER, {'id': 1}, True),
        (ORDER, {'id': 1, 'items': [{'price': 5}]}, True),
        (ORDER, {'id': 1, 'items': [{'price': -5}]}, False),
        (ORDER, {'id': '1'}, False),
        (ORDER, {}, False),
        (ORDER, [], False),
        (UserDict(ORDER), {'id': 1}, True),
        (True, 'x', True),
        (False, 'x', False),
        ({'$schema': 'http://json-schema.org/draft-04/schema#', 'minimum': 5, 'exclusiveMinimum': True}, 5, False),
        ({'minimum': 5, 'exclusiveMinimum': 4}, 5, True),
    ],
)
async def test_valid_data_match(ask: Any, schema: Any, sent: Any, expected: bool) -> None:
    assert await ask(kmock.jsonschema(schema), Request('POST', data=sent)) is expected


@pytest.mark.parametrize(
    ('request_', 'expected'),
    [
        (Request('POST', body=b'null'), True),
        (Request('POST', body=b'{'), False),
        (Request('GET'), False),
        (Request('POST', text='a=1', headers={'Content-Type': 'application/x-www-form-urlencoded'}), True),
    ],
    ids=repr,
)
async def test_what_is_no_document_is_not_valid(ask: Any, request_: Request, expected: bool) -> None:
    assert await ask(kmock.jsonschema(True), request_) is expected


@pytest.mark.parametrize(
    ('schema', 'message'),
    [
        ({'type': 'objct'}, r"^{'type': 'objct'} is no JSON Schema: /type: \"objct\" is not valid"),
        ({'properties': {'a/b': {'minimum': 'x'}}}, r'/properties/a~1b/minimum: "x" is not of type "number"'),
        ({'pattern': '['}, r'"\[" is not a "regex"'),
        ({'$ref': '#/nope'}, "Pointer '/nope' does not exist"),
        ({'$ref': 'other.json'}, 'other.json'),
        ({'$ref': 'https://example.com/x.json'}, r'only files are read, not https://example\.com/x\.json'),
        ({'$schema': 'https://example.com/meta'}, 'Unknown meta-schema|only files are read'),
        ({1: 2}, 'Dict key must be str'),
        (5, '5 is not of types'),
    ],
    ids=repr,
)
def test_a_broken_schema_is_refused_at_once_with_the_place(schema: Any, message: str) -> None:
    with pytest.raises(UnsupportedCriterionError, match=message):
        kmock.jsonschema(schema)


@pytest.mark.parametrize('kind', [str, Path])
async def test_a_schema_is_read_from_a_file_with_the_files_that_it_refers_to(tmp_path: Path, kind: Any) -> None:
    folder = tmp_path / 'my schemas'
    folder.mkdir()
    (folder / 'id no.json').write_text('{"type": "integer"}', 'utf-8')
    file = folder / 'order.json'
    file.write_text(json.dumps({'properties': {'id': {'$ref': 'id%20no.json'}}}), 'utf-8')
    criterion = kmock.jsonschema(kind(file))
    assert criterion.check(Request('POST', data={'id': 1}))
    assert not criterion.check(Request('POST', data={'id': 'x'}))
    assert repr(criterion) == f'jsonschema({str(file)!r})'


@pytest.mark.parametrize(
    ('content', 'message'),
    [(None, 'No such file'), ('{', 'Expecting property name'), ('{"$ref": "absent.json"}', 'absent.json')],
)
def test_a_file_that_is_no_schema_is_named(tmp_path: Path, content: str | None, message: str) -> None:
    file = tmp_path / 'order.json'
    if content is not None:
        file.write_text(content, 'utf-8')
    with pytest.raises(UnsupportedCriterionError, match=rf'order\.json(.|\n)*is no JSON Schema: (.|\n)*{message}'):
        kmock.jsonschema(file)


@pytest.mark.parametrize(
    ('schema', 'sent', 'detail'),
    [
        (ORDER, {}, 'jsonschema: "id" is a required property'),
        (ORDER, {'id': 'x'}, 'jsonschema: /id: "x" is not of type "integer"'),
        ({'properties': {'a~/b': {'type': 'null'}}}, {'a~/b': 1}, 'jsonschema: /a~0~1b: 1 is not of type "null"'),
        (
            ORDER,
            {'items': [{'price': -1}, {'price': 2}]},
            'jsonschema: "id" is a required property; /items/0/price: -1 is less than the minimum of 0',
        ),
        (
            {'items': {'type': 'null'}},
            [1, 2, 3, 4, 5],
            'jsonschema: /0: 1 is not of type "null"; /1: 2 is not of type "null"; /2: 3 is not of type "null"; …',
        ),
        (True, None, 'jsonschema: no body'),
    ],
)
async def test_the_explanation_tells_the_first_errors_with_their_places(schema: Any, sent: Any, detail: str) -> None:
    async with kmock.RawHandler() as handler:
        handler['post', kmock.jsonschema(schema)] << 200
        response = await handler.post('/', json=sent) if sent is not None else await handler.post('/')
        assert f'   ✗ {detail}\n' in await response.text()


def test_the_explanation_of_what_holds_is_short() -> None:
    assert kmock.jsonschema(True).explain(Request('POST', data=1)) == [Finding('jsonschema', True)]
    assert kmock.jsonschema(True).explain(Request('POST', body=b'{'))[0].detail == 'jsonschema: the body is not JSON'


def test_a_form_with_a_file_is_not_valid_json() -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\n1\r\n--b--\r\n'
    request = Request('POST', body=body, headers={'Content-Type': 'multipart/form-data; boundary=b'})
    criterion = kmock.jsonschema({'properties': {'f': {'type': 'string'}}})
    assert not criterion.check(request)
    assert [finding.held for finding in criterion.explain(request)] == [False]


def test_criteria_are_compared_and_shown_by_what_was_typed() -> None:
    assert kmock.jsonschema({'minimum': 1}) == kmock.jsonschema({'minimum': 1})
    assert kmock.jsonschema({'minimum': 1}) != kmock.jsonschema({'minimum': 2})
    assert kmock.jsonschema(True) != 'True'
    assert repr(kmock.jsonschema({'minimum': 1})) == "jsonschema({'minimum': 1})"
