"""``jsonpath()``: criteria on the nodes of JSON documents (RFC 9535)."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import dirty_equals
import pytest

import kmock
from kmock_core import Request
from kmock_core.criteria import extras
from kmock_core.criteria.base import Finding
from kmock_core.errors import MissingExtraError, UnsupportedCriterionError

ITEMS = [{'sku': 'a', 'price': 5}, {'sku': 'b', 'price': 15}]
ORDER = {'name': 'john', 'note': None, 'items': ITEMS, 'tags': ['x', 'y']}


@pytest.mark.parametrize(
    ('criterion', 'expected'),
    [
        (kmock.jsonpath('$'), True),
        (kmock.jsonpath('$.name'), True),
        (kmock.jsonpath('$.note'), True),
        (kmock.jsonpath('$.absent'), False),
        (kmock.jsonpath('$.items[?@.price > 10]'), True),
        (kmock.jsonpath('$.items[?@.price > 20]'), False),
        (kmock.jsonpath('$..price', 5), True),
        (kmock.jsonpath('$..price', '15'), True),
        (kmock.jsonpath('$..price', 6), False),
        (kmock.jsonpath('$.name', 'john'), True),
        (kmock.jsonpath('$.name', 'joh'), False),
        (kmock.jsonpath('$.name', ...), True),
        (kmock.jsonpath('$.name', None), False),
        (kmock.jsonpath('$.note', None), True),
        (kmock.jsonpath('$.absent', None), True),
        (kmock.jsonpath('$.name', re.compile('j.*n')), True),
        (kmock.jsonpath('$.name', re.compile('j')), False),
        (kmock.jsonpath('$.name', {'jane', 'john'}), True),
        (kmock.jsonpath('$..price', range(10, 20)), True),
        (kmock.jsonpath('$.items[*]', {'sku': 'b'}), True),
        (kmock.jsonpath('$.items[*]', {'sku': 'c'}), False),
        (kmock.jsonpath('$.tags', ['x', 'y']), True),
        (kmock.jsonpath('$.tags[*]', ['x', 'y']), False),
        (kmock.jsonpath('$..sku', dirty_equals.IsStr(regex='[bc]')), True),
        (kmock.jsonpath('$..sku', 'a'.__lt__), True),
        (kmock.jsonpath('$..sku', 'b'.__lt__), False),
    ],
)
async def test_any_node_that_is_found_may_match(ask: Any, criterion: kmock.Criteria, expected: bool) -> None:
    assert await ask(criterion, Request('POST', data=ORDER)) is expected


@pytest.mark.parametrize(
    ('request_', 'expected'),
    [
        (Request('POST', data=[1]), True),
        (Request('POST', body=b'null'), True),
        (Request('POST', body=b' null\n'), True),
        (Request('POST', body=b'[1'), False),
        (Request('POST', body=b'text'), False),
        (Request('GET'), False),
        (Request('POST', text='a=1', headers={'Content-Type': 'application/x-www-form-urlencoded'}), True),
    ],
    ids=repr,
)
async def test_what_is_no_document_has_no_nodes(ask: Any, request_: Request, expected: bool) -> None:
    assert await ask(kmock.jsonpath('$'), request_) is expected
    assert await ask(kmock.jsonpath('$.absent', None), request_)


@pytest.mark.parametrize(
    ('query', 'message'),
    [
        ('name', r"'name' is no JSONPath query \(RFC 9535\) \(it begins with \$, e.g. '\$.name'\): expected"),
        ('$.items[', r"'\$\.items\[' is no JSONPath query (.|\n)* 1:8"),
        ('$[?@.a ==]', '1:9'),
        ('$[?nope(@.a)]', "function 'nope' is not defined"),
    ],
)
def test_a_broken_query_is_refused_at_once_with_the_place(query: str, message: str) -> None:
    with pytest.raises(UnsupportedCriterionError, match=message):
        kmock.jsonpath(query)


@pytest.mark.parametrize(
    ('criterion', 'sent', 'detail'),
    [
        (kmock.jsonpath('$.name'), {}, "jsonpath('$.name'): found nothing"),
        (kmock.jsonpath('$.name', 'john'), {'name': 'jane'}, "jsonpath('$.name'): found 'jane' != 'john'"),
        (kmock.jsonpath('$[*]', 9), [1, 2, 3, 4, 5], "jsonpath('$[*]'): found 1, 2, 3 and 2 more != 9"),
        (kmock.jsonpath('$[*]', None), [1, 2], "jsonpath('$[*]'): found 1, 2 != nothing"),
        (kmock.jsonpath('$'), None, "jsonpath('$'): no body"),
    ],
    ids=repr,
)
async def test_the_explanation_tells_what_was_found(criterion: kmock.Criteria, sent: Any, detail: str) -> None:
    async with kmock.RawHandler() as handler:
        handler['post', criterion] << 200
        response = await handler.post('/', json=sent) if sent is not None else await handler.post('/')
        assert f'   ✗ {detail}\n' in await response.text()


async def test_the_explanation_tells_that_the_body_is_no_json() -> None:
    async with kmock.RawHandler() as handler:
        handler[kmock.jsonpath('$.a')] << 200
        handler[kmock.jsonpath('$.b', None)] << 200 << {'X-A': '1'}
        assert (await handler.post('/', data=b'{')).status == 200
        assert kmock.jsonpath('$.a').explain(handler[0]) == [
            Finding("jsonpath('$.a')", False, "jsonpath('$.a'): the body is not JSON")
        ]


@pytest.mark.parametrize('query', [5, None, ['$.a']])
def test_what_is_no_text_is_no_query(query: Any) -> None:
    with pytest.raises(UnsupportedCriterionError, match=r"type a query, e.g. '\$.user.name'"):
        kmock.jsonpath(query)


def test_criteria_are_compared_and_shown_by_what_was_typed() -> None:
    assert kmock.jsonpath('$.a', 1) == kmock.jsonpath('$.a', 1)
    assert kmock.jsonpath('$.a', 1) != kmock.jsonpath('$.a', 2)
    assert kmock.jsonpath('$.a') != kmock.jsonpath('$.b')
    assert kmock.jsonpath('$.a') != '$.a'
    assert repr(kmock.RawHandler()['post', kmock.jsonpath('$.a', re.compile('x'))]) == (
        "kmock['post'][jsonpath('$.a', re.compile('x'))]"
    )


@pytest.mark.parametrize(
    ('make', 'extra', 'module'),
    [
        (lambda: kmock.jsonpath('$'), 'jsonpath', 'jsonpath'),
        (lambda: kmock.jsonschema(True), 'jsonschema', 'jsonschema_rs'),
    ],
    ids=['jsonpath', 'jsonschema'],
)
def test_an_absent_library_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, make: Any, extra: str, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    message = rf"kmock\.{extra}\(\) needs .* pip install 'kmock-core\[{extra}\]'"
    with pytest.raises(MissingExtraError, match=message) as caught:
        make()
    assert caught.value.extra == extra


def test_a_library_that_lacks_something_itself_is_not_called_absent(tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / 'incomplete_library.py').write_text('import something_absent', 'utf-8')
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match='something_absent'):
        extras.load('incomplete_library', extra='jsonpath')


def test_no_library_is_loaded_before_it_is_used() -> None:
    code = 'import sys, kmock; kmock.jsonpath, kmock.jsonschema; print({"jsonpath", "jsonschema_rs"} & {*sys.modules})'
    result = subprocess.run([sys.executable, '-c', code], check=True, capture_output=True, text=True)
    assert result.stdout == 'set()\n'
