"""HTTP methods: the standard ones as an enumeration that is open for any other."""

from enum import StrEnum
from typing import TypeVar, cast

EnumT = TypeVar('EnumT', bound=StrEnum)


def open_member(cls: type[EnumT], value: object, complaint: str) -> EnumT:
    """A member of an enumeration in capitals that is open: the listed one in any case, else an unlisted one.

    Raises:
        ValueError: it is no word; the message is the complaint.
    """
    if not isinstance(value, str) or not value or any(c.isspace() for c in value):
        raise ValueError(f'{value!r} {complaint}')
    name = value.upper()
    known = cls.__members__.get(name)
    if known is not None:
        return known
    member = str.__new__(cls, name)
    member._name_ = name
    member._value_ = name
    return member


class method(StrEnum):
    """An HTTP method, and a criterion for it: ``kmock[method('store')]``, ``kmock[method.GET]``.

    The names are those of RFC 9110 §9.3 and RFC 5789. Unknown methods are members too, only unlisted ones; the case
    does not matter: ``method('store') == 'STORE'``.
    """

    GET = 'GET'
    HEAD = 'HEAD'
    POST = 'POST'
    PUT = 'PUT'
    PATCH = 'PATCH'
    DELETE = 'DELETE'
    OPTIONS = 'OPTIONS'
    TRACE = 'TRACE'
    CONNECT = 'CONNECT'

    @classmethod
    def _missing_(cls, value: object) -> 'method':
        return open_member(cls, value, "is not an HTTP method; type e.g. method('get') or method('store')")


STANDARD_METHODS: frozenset[str] = frozenset(cast('dict[str, method]', method.__members__))
