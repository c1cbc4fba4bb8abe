"""The certificate that a client has presented, as the test sees it."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from kmock_core.values.requests import CertificateAtoms, NameAtoms

_SUBJECT: dict[str, str] = {
    'common_name': 'commonName',
    'organization': 'organizationName',
    'organizational_unit': 'organizationalUnitName',
}

_TEXTS: dict[str, Callable[[CertificateAtoms], tuple[str, ...]]] = {
    'names': lambda atoms: tuple(value for _, value in atoms[1]),
    'serial': lambda atoms: (atoms[2],),
    'issuer': lambda atoms: tuple(value for _, value in atoms[3]),
}

FIELDS: tuple[str, ...] = (*_SUBJECT, *_TEXTS)
"""What criteria can ask about."""


class Certificate(Mapping[str, Any]):
    """A certificate; immutable. Its attributes are the items of a mapping, too: ``cert['common_name']``.

    Certificates are equal if all that is known of them is.
    """

    __slots__ = ('atoms',)

    atoms: CertificateAtoms

    def __init__(self, atoms: CertificateAtoms) -> None:
        object.__setattr__(self, 'atoms', atoms)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f'a Certificate can not be changed: {name} = {value!r}', name=name, obj=self)

    def __repr__(self) -> str:
        shown = [repr(self.common_name)]
        if self.organization is not None:
            shown.append(f'of {", ".join(self.texts("organization"))!r}')
        if self.names:
            shown.append(f'for {", ".join(self.names)}')
        return f'<Certificate {" ".join(shown)}>'

    @property
    def common_name(self) -> str | None:
        """The common name of its owner, or None."""
        return _first(self.texts('common_name'))

    @property
    def organization(self) -> str | None:
        """The organization of its owner, or None; the first, if there are several."""
        return _first(self.texts('organization'))

    @property
    def organizational_unit(self) -> str | None:
        """The organizational unit of its owner, or None; the first, if there are several."""
        return _first(self.texts('organizational_unit'))

    @property
    def subject(self) -> Mapping[str, str]:
        """All attributes of its owner by the names of OpenSSL: ``commonName``; several values are joined by commas."""
        return _joined(self.atoms[0])

    @property
    def issuer(self) -> Mapping[str, str]:
        """The same of the authority that has signed it."""
        return _joined(self.atoms[3])

    @property
    def names(self) -> tuple[str, ...]:
        """The alternative names: hosts, addresses, URIs, mailboxes."""
        return self.texts('names')

    @property
    def serial(self) -> str:
        """The serial number in hex."""
        return self.atoms[2]

    @property
    def not_before(self) -> datetime | None:
        """Since when it is valid."""
        return _moment(self.atoms[4])

    @property
    def not_after(self) -> datetime | None:
        """Until when it is valid."""
        return _moment(self.atoms[5])

    def texts(self, field: str) -> tuple[str, ...]:
        """All values of a field as texts: what criteria look at."""
        read = _TEXTS.get(field)
        if read is not None:
            return read(self.atoms)
        wanted = _SUBJECT[field]
        return tuple(value for name, value in self.atoms[0] if name == wanted)

    def __getitem__(self, key: str) -> Any:
        if key not in _ITEMS:
            raise KeyError(key)
        return getattr(self, key)

    def __iter__(self) -> Iterator[str]:
        return iter(_ITEMS)

    def __len__(self) -> int:
        return len(_ITEMS)

    def __eq__(self, other: object) -> bool:
        return self.atoms == other.atoms if isinstance(other, Certificate) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.atoms)


_ITEMS = (*FIELDS, 'subject', 'not_before', 'not_after')


def _first(values: tuple[str, ...]) -> str | None:
    return values[0] if values else None


def _joined(pairs: NameAtoms) -> Mapping[str, str]:
    result: dict[str, str] = {}
    for name, value in pairs:
        result[name] = f'{result[name]}, {value}' if name in result else value
    return MappingProxyType(result)


def _moment(text: str) -> datetime | None:
    """Read the dates of OpenSSL: ``Jan  5 09:34:43 2018 GMT``."""
    try:
        return datetime.strptime(f'{text.removesuffix(" GMT")} +0000', '%b %d %H:%M:%S %Y %z').astimezone(UTC)
    except ValueError:
        return None
