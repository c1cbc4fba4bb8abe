"""Naming resources: ``resource('kopf.dev/v1/kopfexamples')``, ``resource['pods']``.

How a text is read, by what separates its parts and by what looks like a version (``v1``, ``v1beta2``):

===============================  ======================  ==============================================================
``'kopf.dev/v1/kopfexamples'``   group/version/plural    an empty group is the core one: ``'/v1/pods'``
``'v1/pods'``                    version/plural          of the core group, if the first part is a version
``'kopf.dev/v1'``                group/version           if the second part is a version
``'kopfexamples.v1.kopf.dev'``   plural.version.group    if the second part is a version
``'pods.v1'``                    plural.version          the same, of the core group
``'kopfexamples.kopf.dev'``      plural.group            if the second part is none: in any version
``'v1'``                         version                 of the core group: all of its resources
``'pods'``                       plural                  of any group, in any version
===============================  ======================  ==============================================================

Anything else in a text is refused. Of two arguments, the first one is a group with or without a version, or a version
of the core group: ``resource('kopf.dev/v1', 'kopfexamples')``, ``resource('kopf.dev', 'kopfexamples')``,
``resource('v1', 'pods')``. Three arguments, and keywords, are taken as they are.
"""

import re
from functools import lru_cache
from typing import Any, Protocol, TypeAlias, cast

from kmock_core.values.boxes import Word
from kmock_k8s.errors import ResourceNotationError

Key = tuple[str, str, str]
"""A resource as the key of mappings: group, version, plural."""

Parts = tuple[str | None, str | None, str | None]
"""A group, a version, a plural; None is any."""

_VERSION = re.compile(r'v\d+(?:(?:alpha|beta)\d+)?')


class Selectable(Protocol):
    """Anything that says by itself which resource it is of, or which resources it selects: e.g. ``kopf.Resource``."""

    @property
    def group(self) -> str | None:
        """The API group; empty for the core one."""
        ...

    @property
    def version(self) -> str | None:
        """The version in the group: ``v1``."""
        ...

    @property
    def plural(self) -> str | None:
        """The name in URLs: ``pods``."""
        ...


ResourceKey: TypeAlias = Selectable | str | tuple[str, str, str] | tuple[str, str]
"""All that denotes a resource where one is asked for."""


class _Subscripted(type):
    """Lets ``resource['pods']`` mean ``resource('pods')``."""

    def __getitem__(cls, item: 'ResourceKey') -> 'resource':
        return resource(item)


class resource(Word, metaclass=_Subscripted):
    """A resource, or a selector of resources where parts are absent: those are any. Frozen, hashable.

    ::

        resource('kopf.dev/v1/kopfexamples')  # or 'kopfexamples.v1.kopf.dev', or ('kopf.dev', 'v1', 'kopfexamples')
        resource('v1/pods')  # or 'pods.v1', or ('v1', 'pods'): of the core group, whose name is empty
        resource('pods')  # of any group, in any version
        resource('kopf.dev/v1')  # all of a group, in that version
        resource['pods']  # the same as resource('pods')

    It equals the texts, the tuples and the objects that denote the same. In brackets, it is for the requests about it.

    Raises:
        ResourceNotationError: a text that is none of these notations.
    """

    __slots__ = ('_hash', '_parts')

    _parts: Parts
    _hash: int

    def __init__(
        self,
        *parts: 'ResourceKey | None',
        group: str | None = None,
        version: str | None = None,
        plural: str | None = None,
    ) -> None:
        known = _read(parts) if parts else (None, None, None)
        if not (group is version is plural is None):
            known = _complete(known, (_text(group), _text(version), _text(plural)))
        object.__setattr__(self, '_parts', known)
        object.__setattr__(self, '_hash', hash(known))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f'a resource can not be changed: {name} = {value!r}', name=name, obj=self)

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f'a resource can not be changed: del {name}', name=name, obj=self)

    def __reduce__(self) -> tuple[Any, ...]:
        return resource, self._parts

    @property
    def group(self) -> str | None:
        """The API group, empty for the core one; None is any."""
        return self._parts[0]

    @property
    def version(self) -> str | None:
        """The version in the group; None is any."""
        return self._parts[1]

    @property
    def plural(self) -> str | None:
        """The name in URLs; None is any."""
        return self._parts[2]

    @property
    def full(self) -> bool:
        """True if it is one resource: no part is absent."""
        return None not in self._parts

    @property
    def key(self) -> Key:
        """The group, the version and the plural: the key of a full resource in mappings.

        Raises:
            ResourceNotationError: a part is absent.
        """
        if not self.full:
            message = f'{self!r} is not one resource: type its group, version and plural, as in {_EXAMPLE!r}'
            raise ResourceNotationError(message, self)
        return cast('Key', self._parts)

    def check(self, other: 'ResourceKey', /) -> bool:
        """Tell if another resource is one of these: parts that are absent here are any."""
        group, version, plural = self._parts
        theirs = parts_of(other)
        return (
            (plural is None or plural == theirs[2])
            and (group is None or group == theirs[0])
            and (version is None or version == theirs[1])
        )

    def __eq__(self, other: object) -> bool:
        if isinstance(other, resource):
            return self._parts == other._parts
        if isinstance(other, (str, tuple)) or is_selectable(other):
            try:
                return self._parts == parts_of(cast('ResourceKey', other))
            except ResourceNotationError:
                return False
        return NotImplemented

    def __hash__(self) -> int:
        return self._hash

    def __str__(self) -> str:
        group, version, plural = self._parts
        if plural is None:
            return self._denoted(version if group == '' else f'{group}/{version}')
        if group is None or version is None:
            return self._denoted(f'{plural}.{group}' if group else plural)
        return self._denoted(f'{group}/{version}/{plural}' if group else f'{version}/{plural}')

    def _denoted(self, text: str | None) -> str:
        """The text if it denotes this resource; else, as of odd names, what to type instead."""
        return text if text is not None and self == text else repr(self)

    def __repr__(self) -> str:
        named = zip(('group', 'version', 'plural'), self._parts, strict=True)
        shown = ', '.join(f'{name}={part!r}' for name, part in named if part is not None)
        return f'resource({shown})'


_EXAMPLE = 'kopf.dev/v1/kopfexamples'


def is_selectable(item: object) -> bool:
    """True for objects that say their ``group``, ``version`` and ``plural``, as texts or None."""
    parts = (getattr(item, name, ...) for name in ('plural', 'group', 'version'))
    return all(part is None or isinstance(part, str) for part in parts)  # mocks have anything, but no texts


def parts_of(item: 'ResourceKey') -> Parts:
    """The group, the version and the plural of whatever denotes a resource; else a `ResourceNotationError`."""
    if type(item) is resource:
        return item._parts  # pyright: ignore[reportPrivateUsage]
    if isinstance(item, str):
        return parse_text(item)
    if isinstance(item, tuple):
        return _read(item)
    if is_selectable(item):
        return _text(item.group), _text(item.version), _text(item.plural)
    raise _refusal(item)


def key_of(item: 'ResourceKey') -> Key:
    """The key in mappings of whatever denotes one resource; a `ResourceNotationError` if a part is absent."""
    return (item if type(item) is resource else resource(item)).key


@lru_cache(maxsize=1024)
def parse_text(text: str) -> Parts:
    """Read one of the notations of this module; a `ResourceNotationError` if it is none."""
    if not text or any(c.isspace() for c in text):
        raise _refusal(text)
    if '/' in text:
        first, *others = text.split('/')
        match others:
            case [version, plural] if version and plural and not _VERSION.fullmatch(first):
                return first, version, plural
            case [plural] if plural and _VERSION.fullmatch(first):
                return '', first, plural
            case [version] if first and _VERSION.fullmatch(version):
                return first, version, None
            case _:
                raise _refusal(text)
    first, *others = text.split('.')
    if '' in (first, *others) or (others and _VERSION.fullmatch(first)):
        raise _refusal(text)
    if not others:
        return ('', first, None) if _VERSION.fullmatch(first) else (None, None, first)
    if _VERSION.fullmatch(others[0]):
        return '.'.join(others[1:]), others[0], first
    return '.'.join(others), None, first


def _read(parts: tuple[Any, ...]) -> Parts:
    if len(parts) == 1:
        return parts_of(parts[0])
    if len(parts) == 2:
        return _read_two(*map(_text, parts))
    if len(parts) == 3:
        return _text(parts[0]), _text(parts[1]), _text(parts[2])
    raise _refusal(parts)


def _read_two(origin: str | None, plural: str | None) -> Parts:
    if origin is None:
        return None, None, plural
    if _VERSION.fullmatch(origin):
        return '', origin, plural
    group, slash, version = origin.partition('/')
    if '/' in version or (slash and not version):
        raise _refusal((origin, plural))
    if not slash and plural is not None and _VERSION.fullmatch(plural):
        return group, plural, None  # as in the text with a slash between them
    return group, version or None, plural


def _text(part: Any) -> str | None:
    if part is None or type(part) is str:
        return part
    if isinstance(part, str):
        return str.__str__(part)
    raise _refusal(part)


def _complete(known: Parts, named: Parts) -> Parts:
    for old, new in zip(known, named, strict=True):
        if old is not None and new is not None and old != new:
            raise ResourceNotationError(f'a resource has one name for each part: {old!r} or {new!r}?', (known, named))
    group, version, plural = (new if old is None else old for old, new in zip(known, named, strict=True))
    return group, version, plural


def _refusal(item: object) -> ResourceNotationError:
    message = f"{item!r} denotes no resource; type e.g. {_EXAMPLE!r}, 'v1/pods', 'pods', 'kopf.dev/v1'"
    return ResourceNotationError(message, item)
