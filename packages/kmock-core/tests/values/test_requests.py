"""What a request says of itself; nothing that arrives makes it fail."""

import copy
import encodings.aliases
import json
import pickle
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from multidict import CIMultiDictProxy, MultiDictProxy
from yarl import URL

from kmock_core import FormFile, RawHandler, Request, method
from kmock_core.values.requests import Origin, request_of

Pairs = tuple[tuple[bytes, bytes], ...]


def received(
    target: str = '/', headers: Pairs = (), body: bytes = b'', verb: str = 'GET', origin: Origin | None = None
) -> Request:
    """A request as a transport would bring it."""
    return request_of((7, verb, target, headers, body, (origin or Origin())[:]))


def posted(body: bytes, content_type: str) -> Request:
    return received(headers=((b'Content-Type', content_type.encode()),), body=body, verb='POST')


async def test_a_recorded_request_has_all_that_was_sent() -> None:
    async with RawHandler() as kmock:
        kmock << 200
        await kmock.post(
            '/p/x%20y?a=1&b=2&a=3&c&d=', headers={'X-A': 'v'}, cookies={'c1': 'v1', 'c2': 'v2'}, json={'n': 1}
        )
        await kmock.get('/')
        request = kmock[0]
        assert (request.id, kmock[1].id) == (0, 1)
        assert request.method == 'POST'
        assert request.method is method.POST
        assert str(request.url) == 'http://localhost/p/x%20y?a=1&b=2&a=3&c&d='
        assert isinstance(request.url, URL)
        assert (request.path, request.raw_path) == ('/p/x y', '/p/x%20y')
        assert (request.target, request.raw_query) == ('/p/x%20y?a=1&b=2&a=3&c&d=', 'a=1&b=2&a=3&c&d=')
        assert isinstance(request.query, MultiDictProxy)
        assert list(request.query.items()) == [('a', '1'), ('b', '2'), ('a', '3'), ('c', ''), ('d', '')]
        assert isinstance(request.headers, CIMultiDictProxy)
        assert request.headers['x-A'] == 'v'
        assert dict(request.cookies) == {'c1': 'v1', 'c2': 'v2'}
        assert (request.body, request.text, request.data) == (b'{"n": 1}', '{"n": 1}', {'n': 1})
        assert request.content_type == 'application/json'
        assert request.remote is None
        assert (request.origin.scheme, request.origin.version, request.host) == ('http', '1.1', 'localhost')
        assert request.raw == ('POST', request.target, request.record[3], request.body, request.origin)


async def test_a_request_without_a_body_has_an_empty_one() -> None:
    async with RawHandler() as kmock:
        kmock << 200
        await kmock.get('/')
        assert (kmock[0].body, kmock[0].text, kmock[0].data, kmock[0].content_type) == (b'', '', None, '')
        assert dict(kmock[0].cookies) == dict(kmock[0].query) == dict(kmock[0].path_params) == {}
        assert len(kmock[0].params) == 0


def test_a_request_knows_the_connection_that_it_came_by() -> None:
    request = received(origin=Origin('https', 'example.com:8443', '10.0.0.1', '1.0'))
    assert request.remote == '10.0.0.1'
    assert request.origin == ('https', 'example.com:8443', '10.0.0.1', '1.0', None)
    assert request.host == 'example.com:8443'


# ---- Identity. ----


def test_requests_are_compared_and_hashed_by_identity() -> None:
    first, second = Request('GET', '/x'), Request('GET', '/x')
    assert first != second
    assert len({first, second, first}) == 2


@pytest.mark.parametrize(
    'name',
    ['id', 'target', 'method', 'url', 'path', 'params', 'query', 'headers', 'body', 'text', 'data', 'raw'],
)
def test_fields_of_a_request_can_not_be_set(name: str) -> None:
    with pytest.raises(AttributeError):
        setattr(Request(), name, 'other')


def test_mappings_of_a_request_can_not_be_changed() -> None:
    request: Any = Request('GET', '/{x}?a=1', headers={'A': '1'}, cookies={'c': '1'})
    for mapping in (request.params, request.query, request.headers, request.cookies, request.path_params):
        with pytest.raises(TypeError):
            mapping['new'] = 'value'


def test_what_is_parsed_is_parsed_once() -> None:
    request = Request('POST', '/?a=1', data={'x': [1]})
    for name in ('url', 'query', 'headers', 'cookies', 'text', 'data', 'params'):
        assert getattr(request, name) is getattr(request, name)


@pytest.mark.parametrize('name', ['nothing', 'raw_request', '_hidden', '__deepcopy__'])
def test_unknown_attributes_are_attribute_errors_that_name_them(name: str, alone: None) -> None:
    with pytest.raises(AttributeError, match=f"'Request' object has no attribute '{name}'"):
        getattr(Request(), name)


def test_a_request_can_be_copied() -> None:
    request = Request('POST', '/x?a=1', data={'x': 1})
    duplicate = copy.copy(request)
    assert duplicate is not request
    assert (duplicate.target, duplicate.data) == (request.target, request.data)


# ---- Made by hand. ----


@pytest.mark.parametrize(
    ('kwargs', 'target', 'body', 'content_type'),
    [
        ({}, '/', b'', ''),
        ({'url': '/x', 'params': {'a': 1, 'b': ['2', '3']}}, '/x?a=1&b=2&b=3', b'', ''),
        ({'url': '/x?a=1', 'params': {'b': 2}}, '/x?a=1&b=2', b'', ''),
        ({'url': URL('/x')}, '/x', b'', ''),
        ({'body': b'x'}, '/', b'x', ''),
        ({'text': 'ä'}, '/', 'ä'.encode(), ''),
        ({'data': {'a': 1}}, '/', b'{"a": 1}', 'application/json'),
        ({'data': {'a': 1}, 'headers': {'content-type': 'x/y'}}, '/', b'{"a": 1}', 'x/y'),
    ],
)
def test_a_request_is_made_by_hand(kwargs: dict[str, Any], target: str, body: bytes, content_type: str) -> None:
    request = Request('post', **kwargs)
    assert (request.method, request.target, request.body) == ('POST', target, body)
    assert request.content_type == content_type


def test_a_request_has_one_body_only() -> None:
    with pytest.raises(TypeError, match='either a body, or a text, or JSON data'):
        Request('POST', '/', body=b'x', data={})


# ---- URLs. ----


@pytest.mark.parametrize(
    ('target', 'path', 'query'),
    [
        ('/', '/', ''),
        ('/a/b?x=1', '/a/b', 'x=1'),
        ('/a?x=1?y=2', '/a', 'x=1?y=2'),
        ('/a#b', '/a#b', ''),
        ('/a?b#c', '/a', 'b'),
        ('?a=1', '', 'a=1'),
        ('*', '*', ''),
        ('', '', ''),
        ('//x/y', '//x/y', ''),
        ('http://example.com', '/', ''),
        ('http://example.com/x?a=1', '/x', 'a=1'),
        ('http://example.com?a=1', '/', 'a=1'),
        ('https://example.com:443/http://other/', '/http://other/', ''),
        ('/proxy/http://other/?u=http://x', '/proxy/http://other/', 'u=http://x'),
        ('/%C3%A4%20%2F', '/ä /', ''),
        ('/%ff%zz%', '/\ufffd%zz%', ''),
        ('/a+b', '/a+b', ''),
    ],
)
def test_a_target_is_split_into_path_and_query(target: str, path: str, query: str) -> None:
    request = received(target)
    assert (request.path, request.raw_query) == (path, query)


@pytest.mark.parametrize(
    ('target', 'headers', 'origin', 'url'),
    [
        ('/x?a', ((b'host', b'example.com:8080'),), Origin(), 'http://example.com:8080/x?a'),
        ('/x', (), Origin('https', 'localhost:443'), 'https://localhost/x'),
        ('http://example.com/x', ((b'Host', b'other'),), Origin(), 'http://example.com/x'),
        ('*', (), Origin(), 'http://localhost/*'),
    ],
)
def test_the_url_is_the_one_that_the_client_asked_for(target: str, headers: Pairs, origin: Origin, url: str) -> None:
    assert str(received(target, headers, origin=origin).url) == url


@given(st.text(max_size=20), st.binary(max_size=10))
@example('/', b'[')
@example('/', b'a:b:c')
@example('http://[', b'')
@example('http://a:b/', b'')
@example('/\x00', b'\xff')
def test_no_target_and_no_host_break_a_request(target: str, host: bytes) -> None:
    request = received(target, ((b'Host', host),))
    assert isinstance(request.url, URL)
    assert isinstance(request.path, str)
    assert isinstance(request.host, str)
    assert all(isinstance(value, str) for pair in request.query.items() for value in pair)
    assert '\n' not in repr(request).replace(target, '')


# ---- Params. ----


def test_params_are_the_query_with_a_fallback_to_the_fields_of_the_body() -> None:
    request = Request('POST', '/?a=1&a=2&b=', data={'name': 'john', 'a': 'body', 'deep': {'x': 1}})
    params = request.params
    assert (params['a'], params['b'], params['name'], params['deep']) == ('1', '', 'john', {'x': 1})
    assert (params.get('name'), params.get('nothing'), params.get('nothing', 5)) == ('john', None, 5)
    assert 'name' in params
    assert 'nothing' not in params
    with pytest.raises(KeyError):
        params['nothing']
    assert (list(params), len(params), dict(params)) == (['a', 'b'], 2, {'a': '1', 'b': ''})
    assert params.getall('a') == ['1', '2']
    assert params.getall('name') == []
    assert params == {'a': ['1', '2'], 'b': ''}
    assert params != {'a': '1', 'b': ''}
    assert params != {'a': ['1', '2'], 'b': '', 'name': 'john'}
    assert params == Request('GET', '/?a=1&a=2&b').params
    assert params != 5
    assert repr(params) == "Params({'a': ['1', '2'], 'b': ''})"
    assert request.query.get('name') is None


def test_params_fall_back_to_the_fields_of_a_form() -> None:
    request = posted(b'name=john&x=1', 'application/x-www-form-urlencoded')
    assert request.params['name'] == 'john'
    assert dict(request.params) == {}


@pytest.mark.parametrize('data', [[1, 2], 'text', 5, None])
def test_params_do_not_look_into_data_without_fields(data: Any) -> None:
    assert Request('POST', '/?a=1', data=data).params.get('name') is None


# ---- Headers and cookies. ----


def test_duplicate_headers_are_kept_in_order() -> None:
    request = received(headers=((b'A', b'1'), (b'b', b'x'), (b'a', b'2')))
    assert request.headers.getall('A') == ['1', '2']
    assert request.headers['a'] == '1'
    assert list(request.headers.items()) == [('A', '1'), ('b', 'x'), ('a', '2')]


def test_headers_that_are_not_utf8_can_be_turned_back_to_bytes() -> None:
    value = received(headers=((b'A', b'\xff\xfe'),)).headers['A']
    assert value.encode('utf-8', 'surrogateescape') == b'\xff\xfe'


@pytest.mark.parametrize(
    ('lines', 'cookies'),
    [
        ([b'a=1; b=2'], {'a': '1', 'b': '2'}),
        ([b'a=1', b'b=2'], {'a': '1', 'b': '2'}),
        ([b'a=1; a=2'], {'a': '1'}),
        ([b'a="quoted"; b=x=y; c='], {'a': 'quoted', 'b': 'x=y', 'c': ''}),
        ([b'bad cookie; =x; ; a=1;'], {'a': '1'}),
        ([b'A=1; a=2'], {'A': '1', 'a': '2'}),
        ([b'a=\xff'], {'a': '\ufffd'}),
        ([b''], {}),
    ],
)
def test_cookies_are_read_leniently(lines: list[bytes], cookies: dict[str, str]) -> None:
    assert dict(received(headers=tuple((b'Cookie', line) for line in lines)).cookies) == cookies


# ---- Bodies. ----


@pytest.mark.parametrize(
    ('body', 'content_type', 'text'),
    [
        (b'hello', '', 'hello'),
        ('ä'.encode(), 'text/plain', 'ä'),
        ('ä'.encode('latin-1'), 'text/plain; charset=latin-1', 'ä'),
        ('ä'.encode('utf-16'), 'text/plain; charset="utf-16"', 'ä'),
        ('ä'.encode('cp1251', 'replace'), 'text/plain; charset=CP1251; x=y', '?'),
        (b'\xff', 'text/plain', '\ufffd'),
        (b'\xff', 'text/plain; charset=nonsense', '\ufffd'),
        (b'x', 'text/plain; charset=', 'x'),
        (b'x', 'text/plain; charset=base64', 'x'),
        (b'x', 'text/plain; charset="ut\\f-8"', 'x'),
        (b'x', 'text/plain; charset=\0', 'x'),
        (b'\\d', 'text/plain; charset=unicode_escape', '\\d'),
        (b'\\777', 'text/plain; charset=unicode_escape', '\\777'),
    ],
)
def test_the_text_is_decoded_and_never_fails(body: bytes, content_type: str, text: str) -> None:
    assert posted(body, content_type).text == text


@pytest.mark.parametrize(
    ('body', 'content_type', 'data'),
    [
        (b'{"a": 1}', 'application/json', {'a': 1}),
        (b'{"a": 1}', '', {'a': 1}),
        (b'{"a": 1}', 'text/plain', {'a': 1}),
        (b'{"a": 1}', 'application/x-www-form-urlencoded', {'a': 1}),
        (b' [1, 2]\n', 'application/json', [1, 2]),
        (b'5', 'text/plain', 5),
        (b'"x"', '', 'x'),
        (b'null', 'application/json', None),
        (b'{"a":', 'application/json', None),
        (b'{"a": 1}\n{"a": 2}', 'application/json', None),
        (b'hello', 'text/plain', None),
        (b'', 'application/json', None),
        (b'\xff', 'application/json', None),
        ('"ä"'.encode('utf-16'), 'application/json', 'ä'),
        (b'\xef\xbb\xbf{"a": 1}', 'application/json', {'a': 1}),
        (b'[' * 100_000, 'application/json', None),
        (b'1' * 10_000, 'application/json', None),
        (b'a=1&b=x+y%20z&c', 'application/x-www-form-urlencoded', {'a': '1', 'b': 'x y z', 'c': ''}),
        (b'a=1&a=2', 'application/x-www-form-urlencoded; charset=utf-8', {'a': ['1', '2']}),
        (b'a=%ff', 'application/x-www-form-urlencoded', {'a': '\ufffd'}),
        (b'a=1&b=2', 'text/plain', None),
    ],
)  # fmt: skip
def test_the_data_are_json_whenever_it_parses_else_a_form(body: bytes, content_type: str, data: Any) -> None:
    assert posted(body, content_type).data == data


def part(disposition: str, content: bytes, more: str = '') -> bytes:
    return f'--limit\r\nContent-Disposition: form-data; {disposition}\r\n{more}\r\n'.encode() + content + b'\r\n'


@pytest.mark.parametrize(
    ('sections', 'data'),
    [
        ([part('name="a"', b'1'), part('name=b', b'x\r\ny')], {'a': '1', 'b': 'x\r\ny'}),
        ([part('name="a"', b'1'), part('name="a"', b'2'), part('name="a"', b'3')], {'a': ['1', '2', '3']}),
        ([part('name="f"; filename="x.bin"', b'\xff\0')], {'f': b'\xff\0'}),
        ([part('name="t"', 'ä'.encode('latin-1'), 'Content-Type: text/plain; charset=latin-1\r\n')], {'t': 'ä'}),
        ([part('name="quo\\"ted; x=y"', b'1')], {'quo"ted; x=y': '1'}),
        ([part('name="%22a%0D%0Ab%41%22"', b'1')], {'"a\r\nb%41"': '1'}),
        ([part('filename="nameless"', b'1'), b'--limit\r\nbroken', part('name="a"', b'1')], {'a': '1'}),
        ([], {}),
    ],
)
def test_the_data_of_multipart_bodies_are_their_fields(sections: list[bytes], data: dict[str, Any]) -> None:
    body = b''.join(sections) + b'--limit--\r\n'
    assert posted(body, 'multipart/form-data; boundary="limit"').data == data


@pytest.mark.parametrize(
    ('disposition', 'more', 'filename', 'content_type'),
    [
        ('filename="x.bin"', '', 'x.bin', ''),
        ('filename=x.bin', 'Content-Type: image/png\r\n', 'x.bin', 'image/png'),
        ('filename="ü.txt"', 'content-type: text/plain; charset=utf-8\r\n', 'ü.txt', 'text/plain; charset=utf-8'),
        ('filename="a%22b%0D%0A.txt"', '', 'a"b\r\n.txt', ''),
        ('filename="a\\"b.txt"', '', 'a"b.txt', ''),
        ('filename="%C3%BC.txt"', '', 'ü.txt', ''),
        ('filename="?.txt"; filename*=UTF-8\'\'%C3%BC%2B.txt', '', 'ü+.txt', ''),
        ("filename*=latin-1'de'%FC.txt", '', 'ü.txt', ''),
        ("filename*=nope''%C3%BC.txt", '', 'ü.txt', ''),
        ("filename*=undefined''%C3%BC.txt", '', 'ü.txt', ''),
        ('filename*=broken', '', '', ''),
        ('filename=""', '', '', ''),
    ],
)
def test_a_file_of_a_form_tells_its_name_and_type(
    disposition: str, more: str, filename: str, content_type: str
) -> None:
    body = part(f'name="f"; {disposition}', b'\xff', more) + b'--limit--\r\n'
    file = posted(body, 'multipart/form-data; boundary=limit').data['f']
    assert isinstance(file, FormFile)
    assert (file, file.filename, file.content_type) == (b'\xff', filename, content_type)
    assert file.fields == {'filename': filename, 'content_type': content_type, 'content': b'\xff'}


def test_a_file_of_a_form_shows_itself_and_can_be_copied() -> None:
    file = FormFile(b'x', 'a.txt', 'text/plain')
    assert repr(file) == "FormFile(b'x', filename='a.txt', content_type='text/plain')"
    assert repr(FormFile(bytes(1_000_000), 'zero')) == (
        "FormFile(b'" + 40 * r'\x00' + "'…, filename='zero', content_type='')"
    )
    twin = pickle.loads(pickle.dumps(file))
    assert (twin, twin.fields) == (file, file.fields)


def test_multipart_without_a_boundary_has_no_data() -> None:
    assert posted(part('name="a"', b'1'), 'multipart/form-data').data is None


content_types = st.sampled_from(
    ['', 'application/json', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=a', 'text/plain']
)
charsets = st.sampled_from(['', *sorted({*encodings.aliases.aliases, *encodings.aliases.aliases.values()})])


@given(st.binary(), content_types, charsets)
def test_nothing_that_arrives_makes_a_request_fail(body: bytes, content_type: str, charset: str) -> None:
    request = posted(body, f'{content_type}; charset={charset}' if charset else content_type)
    assert isinstance(request.text, str)
    assert json.dumps(request.data, default=repr)
    assert '\n' not in repr(request)


@given(st.lists(st.tuples(st.binary(), st.binary()), max_size=5), st.text())
def test_no_headers_make_a_request_fail(headers: list[tuple[bytes, bytes]], content_type: str) -> None:
    request = received(headers=(*headers, (b'Content-Type', content_type.encode('utf-8', 'replace'))), body=b'x')
    assert len(request.headers) == len(headers) + 1
    assert isinstance(request.text, str)
    assert request.data is None
    assert all(isinstance(value, str) for value in request.cookies.values())


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=5)), st.binary(max_size=20))
def test_the_fields_of_a_multipart_body_survive(fields: dict[str, str], file: bytes) -> None:
    def quoted(text: str) -> str:
        for char in '\\"':
            text = text.replace(char, f'\\{char}')
        return text

    fields = {name: value for name, value in fields.items() if len(name.splitlines()) <= 1 and '%' not in name}
    fields = {
        name: value for name, value in fields.items() if name == name.rstrip('\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029')
    }
    sections = [part(f'name="{quoted(name)}"', value.encode()) for name, value in fields.items()]
    sections += [part('name="the file"; filename=""', file)]
    data = posted(b''.join(sections) + b'--limit--\r\n', 'multipart/form-data; boundary=limit').data
    assert data == {**fields, 'the file': file}


def test_absurdly_many_fields_are_cut() -> None:
    body = '&'.join(f'k{number}=1' for number in range(50_000)).encode()
    assert len(posted(body, 'application/x-www-form-urlencoded').data) == 10_000
    sections = [part(f'name="k{number}"', b'1') for number in range(20_000)]
    assert len(posted(b''.join(sections), 'multipart/form-data; boundary=limit').data) == 10_000


# ---- Representations. ----


@pytest.mark.parametrize(
    ('request_', 'shown'),
    [
        (Request('GET', '/x?a=1'), '<Request 0: GET /x?a=1>'),
        (Request('POST', '/', data={'a': 1}), '<Request 0: POST / {"a": 1}>'),
        (Request('POST', '/', text='two\nlines'), "<Request 0: POST / 'two\\nlines'>"),
        (Request('POST', '/', body=b'\xff'), '<Request 0: POST / \ufffd>'),
        (Request('POST', '/', text='x' * 1000), f'<Request 0: POST / {"x" * 57}…>'),
        (received('/y', verb='PURGE'), '<Request 7: PURGE /y>'),
    ],
)
def test_a_request_is_shown_in_one_readable_line(request_: Request, shown: str) -> None:
    assert repr(request_) == shown


def test_a_request_with_an_absurd_target_is_shown_in_one_readable_line() -> None:
    assert len(repr(received('/' + 'x' * 1_000_000))) < 1_000
    assert repr(received('/a\nb')).isprintable()


def test_a_change_of_a_request_is_refused_in_words() -> None:
    request = Request('get', '/x')
    with pytest.raises(AttributeError, match='a Request can not be changed: id = 5'):
        request.id = 5
    with pytest.raises(AttributeError, match='a Request can not be changed: del target'):
        del request.target
    assert (request.id, request.target) == (0, '/x')
