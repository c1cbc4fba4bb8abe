"""Copies of what users pass in: nothing of it is shared, whatever is in it."""

from collections.abc import Mapping, Sequence
from typing import Any


def copy_mapping(value: Mapping[Any, Any]) -> dict[Any, Any]:
    """A dictionary with the same in it, where all mappings and lists are new ones, at any depth.

    Raises:
        TypeError: it is no mapping.
    """
    if not isinstance(value, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f'A mapping is expected, not {type(value).__name__}: {value!r}')
    return {key: copy(item) for key, item in value.items()}


def copy(value: Any) -> Any:
    """The same as dictionaries and lists of their own; what is neither a mapping nor a list stays what it is."""
    mapping: Mapping[Any, Any] = value
    items: Sequence[Any] = value
    scalar: Any = value
    if isinstance(value, Mapping):
        return copy_mapping(mapping)
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray, memoryview, range)):
        return [copy(item) for item in items]
    return scalar
