"""What is known of a resource: its kind, its scope, its verbs."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Generic, NamedTuple, TypeAlias, TypedDict, TypeVar, cast, overload

GivenT = TypeVar('GivenT')
KnownT = TypeVar('KnownT')


class ResourceDict(TypedDict, total=False):
    """What is known of a resource, as a dictionary with any of these keys."""

    namespaced: bool | None
    kind: str | None
    singular: str | None
    verbs: Iterable[str]
    shortnames: Iterable[str]
    categories: Iterable[str]
    subresources: Iterable[str]


class CustomNames(NamedTuple):
    """The names of a custom resource, in the order of its definition."""

    shortnames: tuple[str, ...]
    categories: tuple[str, ...]


class Field(Generic[GivenT, KnownT]):
    """One of the things known; setting it declares the resource."""

    def __init__(self, check: Callable[[str, GivenT], KnownT], absent: KnownT, doc: str) -> None:
        self._check = check
        self._absent = absent
        self.__doc__ = doc

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self._name = name

    @overload
    def __get__(self, info: None, owner: Any) -> 'Field[GivenT, KnownT]': ...
    @overload
    def __get__(self, info: 'ResourceInfo', owner: Any) -> KnownT: ...
    def __get__(self, info: 'ResourceInfo | None', owner: Any) -> Any:
        return self if info is None else info.__dict__.get(self._name, self._absent)

    def __set__(self, info: 'ResourceInfo', value: GivenT) -> None:
        info.__dict__[self._name] = self._check(self._name, value)
        if declare := info.__dict__.pop('_declare', None):
            declare()


def _check_bool(name: str, value: bool | None) -> bool | None:
    if value is None or isinstance(value, bool):  # pyright: ignore[reportUnnecessaryIsInstance]
        return value
    raise TypeError(f'{name} of a resource is True or False, not {value!r}')


def _check_text(name: str, value: str | None) -> str | None:
    if value is None or isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        return value
    raise TypeError(f'{name} of a resource is a text, not {value!r}')


def _check_words(name: str, value: Iterable[str] | None) -> frozenset[str]:
    if value is None:
        return frozenset()
    words = None if isinstance(value, (str, bytes, Mapping)) else [*value]
    if words is None or not all(isinstance(word, str) for word in words):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f'{name} of a resource are several texts, e.g. {{{_EXAMPLES[name]}}}, not {value!r}')
    return frozenset(words)


Flag: TypeAlias = Field[bool | None, bool | None]
Text: TypeAlias = Field[str | None, str | None]
Words: TypeAlias = Field[Iterable[str] | None, frozenset[str]]

_EXAMPLES = {'verbs': "'get', 'list'", 'shortnames': "'po'", 'categories': "'all'", 'subresources': "'status'"}


class ResourceInfo:
    """What is known of a resource: attributes that can be set at any time; None or empty are those not known.

    An entry of ``kmock.resources`` that was only read is not there yet; setting any attribute declares the resource.
    """

    storage: ClassVar[str] = ''
    names: ClassVar['CustomNames | None'] = None

    namespaced: Flag = Field(_check_bool, None, 'True if its objects are in namespaces.')
    kind: Text = Field(_check_text, None, 'The kind of its objects: ``Pod``.')
    singular: Text = Field(_check_text, None, 'The name of one: ``pod``.')
    verbs: Words = Field(_check_words, frozenset(), 'What can be done: ``get``, ``list``, ``watch`` and so on.')
    shortnames: Words = Field(_check_words, frozenset(), 'Shorter names: ``po``.')
    categories: Words = Field(_check_words, frozenset(), 'What it is among: ``all``.')
    subresources: Words = Field(_check_words, frozenset(), 'What follows the name in URLs: ``status``, ``scale``.')

    def __init__(
        self,
        *,
        namespaced: bool | None = None,
        kind: str | None = None,
        singular: str | None = None,
        verbs: Iterable[str] | None = None,
        shortnames: Iterable[str] | None = None,
        categories: Iterable[str] | None = None,
        subresources: Iterable[str] | None = None,
    ) -> None:
        self.namespaced = namespaced
        self.kind = kind
        self.singular = singular
        self.verbs = verbs
        self.shortnames = shortnames
        self.categories = categories
        self.subresources = subresources

    @classmethod
    def of(cls, given: 'ResourceInfo | Mapping[str, Any]') -> 'ResourceInfo':
        """A new one with the same in it.

        Raises:
            TypeError: there are unknown keys, or values of wrong types.
        """
        if isinstance(given, ResourceInfo):
            return cls(**given.as_dict())
        fields: Mapping[str, Any] = given
        if not isinstance(given, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f'What is known of a resource is a ResourceInfo or a dictionary, not {given!r}')
        if unknown := [key for key in fields if key not in FIELDS]:
            raise TypeError(f'Unknown of a resource: {", ".join(map(repr, unknown))} (known: {", ".join(FIELDS)})')
        return cls(**fields)

    @classmethod
    def unborn(cls, declare: Callable[['ResourceInfo'], None]) -> 'ResourceInfo':
        """One that is declared when something is set on it."""
        info = cls()
        info.__dict__['_declare'] = lambda: declare(info)
        return info

    def as_dict(self) -> ResourceDict:
        """What is known, and nothing else; names are sorted."""
        words = ('verbs', 'shortnames', 'categories', 'subresources')
        known = {name: sorted(getattr(self, name)) if name in words else getattr(self, name) for name in FIELDS}
        return cast('ResourceDict', {name: value for name, value in known.items() if value is not None and value != []})

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ResourceInfo):
            return self.as_dict() == other.as_dict()
        return NotImplemented

    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # it can be changed

    def __repr__(self) -> str:
        return f'ResourceInfo({", ".join(f"{name}={value!r}" for name, value in self.as_dict().items())})'

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in FIELDS:
            raise AttributeError(f'Resources have no {name!r} (known: {", ".join(FIELDS)})', name=name, obj=self)
        object.__setattr__(self, name, value)


FIELDS = tuple(ResourceDict.__annotations__)
