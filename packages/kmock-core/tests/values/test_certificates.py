"""The certificate of a client, as requests have it."""

import pickle
from datetime import UTC, datetime
from typing import Any

import pytest

from kmock_core import Request
from kmock_core.values.certificates import Certificate
from kmock_core.values.requests import CertificateAtoms, Origin, request_of

ATOMS: CertificateAtoms = (
    (('countryName', 'XX'), ('organizationName', 'devs'), ('organizationName', 'ops'), ('commonName', 'alice')),
    (('DNS', 'alice.example.com'), ('IP Address', '127.0.0.1')),
    '0A1B',
    (('commonName', 'CA'),),
    'Jan  5 09:34:43 2018 GMT',
    'Dec 31 00:00:00 2999 GMT',
)
EMPTY: CertificateAtoms = ((), (), '', (), '', '')


def test_it_tells_whose_it_is() -> None:
    certificate = Certificate(ATOMS)
    assert certificate.common_name == 'alice'
    assert certificate.organization == 'devs'
    assert certificate.texts('organization') == ('devs', 'ops')
    assert certificate.organizational_unit is None
    assert certificate.names == ('alice.example.com', '127.0.0.1')
    assert certificate.serial == '0A1B'
    assert certificate.subject == {'countryName': 'XX', 'organizationName': 'devs, ops', 'commonName': 'alice'}
    assert certificate.issuer == {'commonName': 'CA'}


def test_its_dates_are_aware_of_their_zone() -> None:
    certificate = Certificate(ATOMS)
    assert certificate.not_before == datetime(2018, 1, 5, 9, 34, 43, tzinfo=UTC)
    assert certificate.not_after == datetime(2999, 12, 31, tzinfo=UTC)


def test_it_is_a_mapping_of_the_same() -> None:
    certificate = Certificate(ATOMS)
    assert {name: getattr(certificate, name) for name in certificate} == dict(certificate)
    assert len(certificate) == len(list(certificate))
    assert 'texts' not in certificate
    with pytest.raises(KeyError):
        certificate['nothing']


def test_what_is_not_there_is_none() -> None:
    certificate = Certificate(EMPTY)
    assert (certificate.common_name, certificate.names, certificate.not_after) == (None, (), None)


def test_certificates_are_equal_if_all_of_them_is() -> None:
    assert Certificate(ATOMS) == Certificate(ATOMS) != Certificate(EMPTY)
    assert len({Certificate(ATOMS), Certificate(ATOMS)}) == 1
    assert Certificate(ATOMS) != 'alice'


def test_it_can_not_be_changed() -> None:
    certificate: Any = Certificate(ATOMS)
    with pytest.raises(AttributeError, match='can not be changed'):
        certificate.serial = 'x'


@pytest.mark.parametrize(
    ('atoms', 'shown'),
    [
        (ATOMS, "<Certificate 'alice' of 'devs, ops' for alice.example.com, 127.0.0.1>"),
        (EMPTY, '<Certificate None>'),
    ],
)
def test_it_is_shown_in_a_line(atoms: CertificateAtoms, shown: str) -> None:
    assert repr(Certificate(atoms)) == shown


def test_a_request_has_the_certificate_of_its_client() -> None:
    request = Request('GET', '/', origin=Origin('https', client_cert=ATOMS))
    assert request.client_cert == Certificate(ATOMS)
    assert request.client_cert is request.client_cert
    assert pickle.loads(pickle.dumps(request)).client_cert == Certificate(ATOMS)


@pytest.mark.parametrize(
    'origin', [('http', 'x', None, '1.1'), ('https', 'x', None, '1.1', None)], ids=['four atoms', 'five atoms']
)
def test_a_request_of_a_client_without_one_has_none(origin: Any) -> None:
    request = request_of((0, 'GET', '/', (), b'', origin))
    assert request.client_cert is None
    assert request.origin.client_cert is None
