"""The resources that a mock knows: ``kmock.resources``."""

from collections.abc import Iterator, Mapping, MutableMapping
from os import PathLike
from typing import Any, TypeVar, cast, overload
from weakref import WeakValueDictionary

from kmock_k8s.model.info import ResourceDict, ResourceInfo
from kmock_k8s.model.loading import parse_data, read_bundled, read_data, read_path
from kmock_k8s.model.resolving import resolve
from kmock_k8s.model.resources import ResourceKey, is_selectable, resource

DefaultT = TypeVar('DefaultT')


class ResourcesArray(MutableMapping[resource, ResourceInfo]):
    """The known resources, in the order of their definition: ``kmock.resources``.

    Keys are resources in any notation; parts of them may be left out where only one known resource can be meant. Values
    are `ResourceInfo`, or dictionaries with any of its fields; they are copied.

    Reading an unknown resource gives an entry, which is known once something is set on it::

        kmock.resources['kopf.dev/v1/kopfexamples'].kind = 'KopfExample'
        kmock.resources['kopf.dev/v1/kopfpeerings'] = {'kind': 'KopfPeering', 'namespaced': True}
        kmock.resources['kopf.dev/v1/others'] = {}

    Raises:
        ResourceNotationError: a key denotes no resource, or not one alone.
    """

    __slots__ = ('__weakref__', '_infos', '_unborn')

    def __init__(self, data: 'Mapping[Any, ResourceInfo | ResourceDict] | None' = None, /) -> None:
        self._infos: dict[resource, ResourceInfo] = {}
        self._unborn: WeakValueDictionary[resource, ResourceInfo] = WeakValueDictionary()
        if data is not None:
            self.update(cast('Any', data))

    def __getitem__(self, key: ResourceKey, /) -> ResourceInfo:
        one = self._resolve(key)
        info = self._infos.get(one) or self._unborn.get(one)
        if info is None:
            info = ResourceInfo.unborn(lambda born: self._declare(one, born))
            self._unborn[one] = info
        return info

    def __setitem__(self, key: ResourceKey, value: 'ResourceInfo | ResourceDict', /) -> None:
        self._infos[self._resolve(key)] = ResourceInfo.of(cast('Any', value))

    def __delitem__(self, key: ResourceKey, /) -> None:
        one = self._resolve(key)
        if one not in self._infos:
            raise KeyError(str(one))
        del self._infos[one]

    def __contains__(self, key: object, /) -> bool:
        if not isinstance(key, (str, tuple)) and not is_selectable(key):
            return False
        wanted = resource(cast('Any', key))
        return wanted in self._infos if wanted.full else any(wanted.check(one) for one in self._infos)

    def __iter__(self) -> Iterator[resource]:
        return iter(list(self._infos))

    def __len__(self) -> int:
        return len(self._infos)

    def __repr__(self) -> str:
        return f'ResourcesArray({ {str(one): info.as_dict() for one, info in self._infos.items()} })'

    @overload
    def get(self, key: ResourceKey, default: None = None, /) -> ResourceInfo | None: ...
    @overload
    def get(self, key: ResourceKey, default: ResourceInfo | DefaultT, /) -> ResourceInfo | DefaultT: ...
    def get(self, key: ResourceKey, default: Any = None, /) -> Any:
        """What is known of a resource, or the default if it is not known."""
        if key not in self:
            return default
        return self[key]

    def pop(self, key: ResourceKey, *default: Any) -> Any:
        """Forget a resource, and return what was known of it."""
        if key in self or not default:
            info = self[key]
            del self[key]
            return info
        return default[0]

    def setdefault(self, key: ResourceKey, default: Any = None, /) -> ResourceInfo:
        """What is known of a resource; if it is not known, it is defined so."""
        if key not in self:
            self[key] = {} if default is None else default
        return self[key]

    def load_data(self, data: object, /) -> None:
        """Add definitions: mappings from resources to dictionaries, or the ``APIResourceList`` documents of a cluster.

        They may also be given as text or bytes of JSON. The last definition of a resource wins. If there is an error,
        nothing is added.
        """
        self._infos.update(read_data(parse_data(data) if isinstance(data, (str, bytes)) else data))

    def load_path(self, path: str | PathLike[str], /) -> None:
        """Add the definitions of a JSON file, which may be compressed: ``.gz``, ``.bz2``, ``.xz``, ``.zst``.

        ``.zst`` needs Python 3.14, or the library ``backports.zstd``.
        """
        try:
            definitions = read_data(read_path(path))
        except (AttributeError, KeyError, TypeError) as exc:
            raise ValueError(f'{path} has no definitions of resources: {exc!r}') from exc
        self._infos.update(definitions)

    def load_bundled(self) -> None:
        """Add the built-in resources of a current Kubernetes."""
        self.load_data(read_bundled()['resources'])

    def dump_data(self) -> dict[str, ResourceDict]:
        """All definitions as data that can be JSON, and loaded."""
        return {str(one): info.as_dict() for one, info in self._infos.items()}

    def _resolve(self, key: ResourceKey) -> resource:
        return resolve(key, self._infos)

    def _declare(self, one: resource, info: ResourceInfo) -> None:
        self._infos.setdefault(one, info)
