"""Reading the fields of objects, whatever is in them: what is absent or of another type is what Go has for nothing."""

from typing import Any, cast

from kmock_k8s.model.encoding import JSONObject


def value(content: JSONObject, *path: str) -> Any:
    """What is in a field, however deep; None if there is nothing."""
    found: Any = content
    for step in path:
        found = cast('JSONObject', found).get(step) if isinstance(found, dict) else None
    return found


def part(content: JSONObject, *path: str) -> JSONObject:
    """A structure; an empty one if there is none."""
    found = value(content, *path)
    return cast('JSONObject', found) if isinstance(found, dict) else {}


def parts(content: JSONObject, *path: str) -> list[JSONObject]:
    """The structures of a list."""
    return [cast('JSONObject', item) for item in items(content, *path) if isinstance(item, dict)]


def items(content: JSONObject, *path: str) -> list[Any]:
    """The items of a list; none if there is no list."""
    found: list[Any] | None = value(content, *path)
    return found if isinstance(found, list) else []


def text(content: JSONObject, *path: str, default: str = '') -> str:
    """A text; the default if there is none."""
    found = value(content, *path)
    return found if isinstance(found, str) else default


def filled(content: JSONObject, *path: str, default: str) -> str:
    """A text that is not empty; the default if there is none."""
    return text(content, *path) or default


def texts(content: JSONObject, *path: str) -> list[str]:
    """The texts of a list."""
    return [item for item in items(content, *path) if isinstance(item, str)]


def number(content: JSONObject, *path: str, default: int = 0) -> int:
    """An integer; the default if there is none."""
    found = value(content, *path)
    return found if isinstance(found, int) and not isinstance(found, bool) else default


def flag(content: JSONObject, *path: str, default: bool = False) -> bool:
    """A truth; the default if there is none."""
    found = value(content, *path)
    return found if isinstance(found, bool) else default


def quantity(content: JSONObject, *path: str, default: str = '0') -> str:
    """A quantity as it is written: objects hold the one way to write it."""
    found = value(content, *path)
    return default if found is None or isinstance(found, (dict, list)) else str(found)


def has(content: JSONObject, *path: str) -> bool:
    """Tell if there is anything in a field, be it empty."""
    return value(content, *path) is not None


def name_of(content: JSONObject) -> str:
    """The name of an object."""
    return text(content, 'metadata', 'name')


def is_leaving(content: JSONObject) -> bool:
    """Tell if an object is to be deleted."""
    return has(content, 'metadata', 'deletionTimestamp')
