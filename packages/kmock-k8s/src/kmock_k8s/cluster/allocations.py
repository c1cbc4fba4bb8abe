"""Which addresses, and which ports of nodes, the services have: noted as they come and go."""

from collections import Counter
from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Any

from kmock_k8s.cluster.structures import items_of, part_of
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.metadata import metadata_of
from kmock_k8s.model.resources import resource
from kmock_k8s.store.spi import ObjectStore
from kmock_k8s.store.states import Event

SERVICES: resource = resource('', 'v1', 'services')

ADDRESSES = IPv4Network('10.96.0.0/16')
"""The addresses of services; the first one is that of the API itself."""

FIRST = 2
"""The number of the first address that other services can have; the last one of all is nobody's."""

NODE_PORTS = range(30_000, 32_768)
"""The ports of nodes that are those of services."""

Port = tuple[int, str]
"""A number with a protocol."""


class Allocations:
    """What is taken, and by which service; to be used under the lock of the store.

    Args:
        store: where the services are; they are looked through when somebody asks first.
        addresses: those that services can have.
    """

    def __init__(self, store: ObjectStore, addresses: IPv4Network = ADDRESSES) -> None:
        self._store = store
        self._addresses = addresses
        self._is_following = False
        self.clear()

    def clear(self) -> None:
        """Look through all services anew, when somebody asks next."""
        self._is_known = False
        self._taken: dict[ObjectKey, list[str | Port]] = {}
        self._owners: dict[str | Port, dict[ObjectKey, str]] = {}
        self._numbers: Counter[int] = Counter()
        self._first = FIRST

    def is_taken(self, what: 'str | Port', uid: str | None) -> bool:
        """Tell if a service other than that of a uid has an address, or a port."""
        self._look()
        return any(owner != uid for owner in self._owners.get(what, {}).values())

    def find_address(self) -> str | None:
        """The first address that nobody has, if there is one."""
        self._look()
        for number in range(self._first, self._addresses.num_addresses - 1):
            address = str(self._addresses[number])
            if address not in self._owners:
                self._first = number
                return address
        return None

    def find_ports(self) -> Iterator[int]:
        """The ports of nodes that nobody has with any protocol, in order."""
        self._look()
        return (number for number in NODE_PORTS if number not in self._numbers)

    def _look(self) -> None:
        if self._is_known:
            return
        self._is_known = True
        if not self._is_following:
            self._is_following = True
            self._store.subscribe(self._receive, SERVICES)
        for key, state in self._store.select(SERVICES):
            self._take(key, state.load())

    def _receive(self, event: Event) -> None:
        if self._is_known:
            self._free(event.key)
            if event.type != 'DELETED':
                self._take(event.key, event.state.load())

    def _take(self, key: ObjectKey, content: JSONObject) -> None:
        uid = metadata_of(content).get('uid') or ''
        taken = self._taken[key] = list(dict.fromkeys(_allocated(part_of(content, 'spec'))))
        for one in taken:
            self._owners.setdefault(one, {})[key] = uid
        self._numbers.update(one[0] for one in taken if isinstance(one, tuple))

    def _free(self, key: ObjectKey) -> None:
        for one in self._taken.pop(key, ()):
            owners = self._owners[one]
            owners.pop(key, None)
            if not owners:
                del self._owners[one]
            if isinstance(one, str):
                self._first = FIRST  # it may be the first one that is free now
            elif self._numbers[one[0]] == 1:
                del self._numbers[one[0]]
            else:
                self._numbers[one[0]] -= 1


def _allocated(spec: JSONObject) -> 'Iterator[str | Port]':
    address = spec.get('clusterIP')
    if isinstance(address, str) and address not in {'', 'None'}:
        yield address
    ports: Any = spec.get('ports')
    for port in items_of(spec, 'ports') if isinstance(ports, list) else ():
        number = part_of({'port': port}, 'port').get('nodePort')
        if isinstance(number, int):
            yield (number, str(port.get('protocol')))
