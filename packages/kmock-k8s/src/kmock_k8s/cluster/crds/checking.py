"""What keeps a definition from being valid."""

from collections.abc import Iterator

from kmock_k8s.cluster.statuses import Cause
from kmock_k8s.model.encoding import JSONObject


def validate_definition(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse a definition."""
    yield from ()
