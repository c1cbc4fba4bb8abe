"""The cells of kinds of which a table tells nothing but their age."""

from datetime import UTC, datetime
from typing import Any

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.printing.ages import parse, print_age
from kmock_k8s.printing.fields import name_of, value


def print_with_age(one: JSONObject, now: datetime) -> list[Any]:
    """The name and the age."""
    return [name_of(one), print_age(one, now)]


def print_with_time(one: JSONObject, now: datetime) -> list[Any]:
    """The name and the time of creation: clients make an age of it."""
    moment = parse(value(one, 'metadata', 'creationTimestamp')) or datetime(1, 1, 1, tzinfo=UTC)
    return [name_of(one), moment.astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%SZ').zfill(20)]
