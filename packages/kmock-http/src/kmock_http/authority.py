"""The throw-away certificate authority of this process: made when it is needed, gone at the end of the process."""

import atexit
import ipaddress
import os
import re
import shutil
import tempfile
import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kmock_core.errors import MissingExtraError

if TYPE_CHECKING:
    from cryptography import x509

Subject = Mapping[str, Iterable[str]]
"""The attributes of a name: ``{'common_name': ['alice'], 'organization': ['devs', 'ops']}``."""

_ALWAYS = datetime(2000, 1, 1, tzinfo=UTC), datetime(2999, 12, 31, tzinfo=UTC)
_DAY = timedelta(days=1)


class Issued(NamedTuple):
    """A certificate with its key, as PEM, and its serial number as OpenSSL shows it."""

    pem: str
    serial: str


class Authority:
    """Signs certificates for any name; everything that it writes is in one directory, removed when Python exits."""

    pem: str
    """The certificate that clients have to trust."""
    path: str
    """The file with it."""

    def __init__(self) -> None:
        trustme, x509 = _tools()
        ca = trustme.CA(organization_name='kmock', organization_unit_name='throw-away CA')
        self.pem = ca.cert_pem.bytes().decode('ascii')
        self._certificate = x509.load_pem_x509_certificate(ca.cert_pem.bytes())
        self._key = _load_key(ca.private_key_pem.bytes())
        self._directory = _make_directory()
        self._lock = threading.Lock()
        self._files = 0
        self.path = str(self._directory / 'ca.pem')
        Path(self.path).write_text(self.pem, 'ascii')

    def issue(
        self, subject: Subject, names: Iterable[str] = (), *, certificate: str = 'valid', is_self_signed: bool = False
    ) -> Issued:
        """Issue a certificate for a server or a client; the names are its alternative names.

        Args:
            subject: the attributes of its subject.
            names: host names, IP addresses, and addresses of mail.
            certificate: ``valid``, ``expired``, or ``not-yet-valid``.
            is_self_signed: sign it by its own key: nobody trusts it.
        """
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec

        key = ec.generate_private_key(ec.SECP256R1())
        signing = key if is_self_signed else self._key
        start, end = _validity(certificate)
        name = _name(subject)
        serial = x509.random_serial_number()
        usages = [x509.oid.ExtendedKeyUsageOID.SERVER_AUTH, x509.oid.ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = (
            x509.CertificateBuilder(name if is_self_signed else self._certificate.subject, name, key.public_key())
            .serial_number(serial)
            .not_valid_before(start)
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
            .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        )
        alternatives = [_general_name(text) for text in names]
        if alternatives:
            builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=not subject)
        signed = builder.sign(signing, hashes.SHA256())
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        pem = private + signed.public_bytes(serialization.Encoding.PEM)
        shown = f'{serial:X}'
        return Issued(pem.decode('ascii'), shown.rjust(len(shown) + len(shown) % 2, '0'))

    def keep(self, label: str, text: str) -> Path:
        """Write a file that stays until the end of the process, readable by its owner only."""
        with self._lock:
            self._files += 1
            path = self._directory / f'{re.sub("[^a-zA-Z0-9.-]+", "-", label)[:40]}-{self._files}.pem'
        path.touch(mode=0o600)
        path.write_text(text, 'ascii')
        return path


_lock = threading.Lock()
_authority: Authority | None = None


def authority() -> Authority:
    """The authority of this process, the same for all of its servers; a `MissingExtraError` without trustme."""
    global _authority
    if _authority is None:
        with _lock:
            if _authority is None:
                _authority = Authority()
    return _authority


def _tools() -> tuple[Any, Any]:
    try:
        import trustme
        from cryptography import x509
    except ImportError as exc:
        raise MissingExtraError("tls=True needs trustme: pip install 'kmock-http[tls]'", extra='tls') from exc
    return trustme, x509


def _load_key(pem: bytes) -> Any:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    return load_pem_private_key(pem, None)


def _make_directory() -> Path:
    directory = Path(tempfile.mkdtemp(prefix='kmock-'))
    owner = os.getpid()

    def remove() -> None:
        if os.getpid() == owner:  # not by its forks
            shutil.rmtree(directory, ignore_errors=True)

    atexit.register(remove)
    return directory


def _validity(certificate: str) -> tuple[datetime, datetime]:
    now = datetime.now(UTC)
    match certificate:
        case 'expired':
            return _ALWAYS[0], now - _DAY
        case 'not-yet-valid':
            return now + _DAY, _ALWAYS[1]
        case _:
            return _ALWAYS


def _name(subject: Subject) -> 'x509.Name':
    from cryptography import x509

    kinds = {
        'organization': x509.NameOID.ORGANIZATION_NAME,
        'organizational_unit': x509.NameOID.ORGANIZATIONAL_UNIT_NAME,
        'common_name': x509.NameOID.COMMON_NAME,
    }
    return x509.Name([x509.NameAttribute(kind, text) for key, kind in kinds.items() for text in subject.get(key, ())])


def _general_name(text: str) -> 'x509.GeneralName':
    from cryptography import x509

    if '@' in text:
        return x509.RFC822Name(text)
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(ascii_name(text))


def ascii_name(host: str) -> str:
    """The form of a host name in certificates and in SNI: lower-case, international names as ``xn--``."""
    if host.isascii():
        return host.lower()
    import idna

    return idna.encode(host, uts46=True).decode('ascii')
