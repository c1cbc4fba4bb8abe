"""Copies of parsed JSON."""

from typing import Any


def copy(value: Any) -> Any:
    """The same JSON, in dictionaries and lists of its own."""
    mapping: dict[str, Any] = value
    items: list[Any] = value
    scalar: Any = value
    if isinstance(value, dict):
        return {key: copy(item) for key, item in mapping.items()}
    if isinstance(value, list):
        return [copy(item) for item in items]
    return scalar
