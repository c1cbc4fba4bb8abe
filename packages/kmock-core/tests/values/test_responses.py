"""What a whole answer refuses when it is made."""

import pytest

from kmock_core import Response


@pytest.mark.parametrize('status', [99, 1000, 0, -1])
def test_a_status_that_can_not_be_sent_is_refused(status: int) -> None:
    with pytest.raises(ValueError, match=f'a status is 100-999, not {status}'):
        Response(status=status)
