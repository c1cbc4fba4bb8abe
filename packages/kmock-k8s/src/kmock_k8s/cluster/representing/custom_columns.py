"""The columns that definitions of custom resources declare: ``additionalPrinterColumns``."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from kmock_k8s.cluster.formats.times import parse_time
from kmock_k8s.cluster.representing.jsonpath import JSONPath, JSONPathError, print_found
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.printing import UNKNOWN, humanize

_NOTHING = datetime(1, 1, 1, tzinfo=UTC)  # Go's time of nothing
_PREFIX = 'Custom resource definition column (in JSONPath format): '


class Column(NamedTuple):
    """One column: what is told of it, and where its values are."""

    declared: JSONObject
    path: JSONPath

    def describe(self) -> JSONObject:
        """The definition of the column in tables."""
        declared = self.declared
        return {
            'name': declared.get('name') or '',
            'type': declared.get('type') or '',
            'format': declared.get('format') or '',
            'description': declared.get('description') or f'{_PREFIX}{declared.get("jsonPath") or ""}',
            'priority': declared.get('priority') or 0,
        }

    def print(self, content: JSONObject, now: datetime) -> Any:
        """The cell of an object: the first of the values that are found; None if it is not of the declared type."""
        try:
            found = self.path.find(content)
        except JSONPathError:
            return None
        if not found:
            return None
        value = found[0]
        match self.declared.get('type'):
            case 'string':
                return print_found(value)
            case 'integer' if isinstance(value, (int, float)) and not isinstance(value, bool):
                return int(value)
            case 'number' if isinstance(value, (int, float)) and not isinstance(value, bool):
                return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e21 else value
            case 'boolean' if isinstance(value, bool):
                return value
            case 'date' if isinstance(value, str):
                return _print_date(value, now)
            case _:
                return None


def _print_date(text: str, now: datetime) -> str:
    if text in ('', 'null'):
        return UNKNOWN
    try:
        moment = parse_time(text)
    except ValueError:
        return '<invalid>'
    return humanize(now - moment) if moment != _NOTHING else UNKNOWN


def read_columns(declared: Iterable[JSONObject]) -> list[Column]:
    """The columns that are declared, up to the first one whose path can't be read: the server warns nobody of it."""
    columns: list[Column] = []
    for one in declared:
        try:
            path = JSONPath(f'{{{one.get("jsonPath") or ""}}}')
        except JSONPathError:
            break
        columns.append(Column(one, path))
    return columns
