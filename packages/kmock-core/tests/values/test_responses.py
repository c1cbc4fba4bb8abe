"""What a whole answer refuses when it is made."""

from typing import Any

import pytest

from kmock_core import Response


@pytest.mark.parametrize('status', [99, 1000, 0, -1])
def test_a_status_that_can_not_be_sent_is_refused(status: int) -> None:
    with pytest.raises(ValueError, match=f'a status is 100-999, not {status}'):
        Response(status=status)


@pytest.mark.parametrize('status', ['abc', '', '2 00', 200.5, -200])
def test_what_is_no_number_is_no_status(status: Any) -> None:
    with pytest.raises(ValueError, match='a status is 100-999, not '):
        Response(status)


@pytest.mark.parametrize('field', ['headers', 'cookies'])
@pytest.mark.parametrize('value', [[1], 5, {5: 'a'}], ids=repr)
def test_what_has_no_names_is_refused_with_what_to_type(field: str, value: Any) -> None:
    with pytest.raises(TypeError, match=f'{field}.*: (type a mapping, a text, or pairs|names are texts)'):
        Response(**{field: value})
