"""Files of forms as criteria: their content, their name, their type."""

from typing import Any

import pytest

import kmock
from kmock_core import Request, data

BODY = (
    b'--b\r\nContent-Disposition: form-data; name="title"\r\n\r\nMe\r\n'
    b'--b\r\nContent-Disposition: form-data; name="photo"; filename="me.png"\r\nContent-Type: image/png\r\n\r\n'
    b'\x89P\r\n'
    b'--b--\r\n'
)
REQUEST = Request('POST', body=BODY, headers={'Content-Type': 'multipart/form-data; boundary=b'})


def is_png(file: Any) -> bool:
    return isinstance(file, kmock.FormFile) and file.content_type == 'image/png'


@pytest.mark.parametrize(
    ('criterion', 'expected'),
    [
        (data(title='Me', photo=...), True),
        (data(photo=b'\x89P'), True),
        (data(photo=b'P'), False),
        (data(photo=is_png), True),
        (data(photo={'filename': 'me.png'}), True),
        (data(photo={'filename': 'me.png', 'content_type': 'image/png', 'content': b'\x89P'}), True),
        (data(photo={'filename': 'you.png'}), False),
        (data(title={'filename': ...}), False),
        (data(avatar=None), True),
        (data({'title': 'Me', 'photo': b'\x89P'}, exact=True), True),
        (data({'title': 'Me'}, exact=True), False),
        (data({'title': 'Me', 'photo': {'filename': 'me.png'}}, exact=True), False),
        ({'title': 'Me', 'photo': {'filename': 'me.png'}}, True),
    ],
)
async def test_a_file_is_its_content_or_a_mapping_of_what_is_said_about_it(
    ask: Any, criterion: Any, expected: bool
) -> None:
    assert await ask(criterion, REQUEST) is expected


def test_the_explanation_tells_what_is_wrong_with_a_file() -> None:
    criterion = kmock.HTTPCriteria(data={'photo': {'filename': 'you.png', 'content_type': ...}})
    assert [finding.detail for finding in criterion.explain(REQUEST)] == [
        "data['photo']['filename']: 'me.png' != 'you.png'"
    ]
