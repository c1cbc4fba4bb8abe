"""The criterion on the certificate of the client: what it matches, how it merges, and how it explains itself."""

import re
from typing import Any

import pytest

from kmock_core import HTTPCriteria, RawHandler, Request, client_cert
from kmock_core.criteria.certificates import ClientCertCriteria
from kmock_core.criteria.notations import parse
from kmock_core.errors import ContradictionError
from kmock_core.values.requests import CertificateAtoms, Origin

ALICE: CertificateAtoms = (
    (('organizationName', 'devs'), ('organizationName', 'ops'), ('commonName', 'alice')),
    (('DNS', 'alice.example.com'), ('email', 'alice@example.com')),
    '0A1B',
    (('organizationName', 'kmock'), ('commonName', 'CA')),
    'Jan  1 00:00:00 2000 GMT',
    'Dec 31 00:00:00 2999 GMT',
)

PLAIN = Request('GET', '/')
ANONYMOUS = Request('GET', '/', origin=Origin('https'))
BY_ALICE = Request('GET', '/', origin=Origin('https', client_cert=ALICE))


class Anything:
    """A matcher as those of dirty-equals."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and 'li' in other

    __hash__ = object.__hash__


def criteria(box: client_cert) -> ClientCertCriteria:
    result = parse(box)
    assert isinstance(result, ClientCertCriteria)
    return result


@pytest.mark.parametrize(
    'box',
    [
        client_cert(),
        client_cert(...),
        client_cert('alice'),
        client_cert(b'alice'),
        client_cert('a*'),
        client_cert('?lice'),
        client_cert(re.compile('al.*')),
        client_cert({'bob', 'alice'}),
        client_cert({'bob', 'a*'}),
        client_cert(Anything()),
        client_cert(common_name='alice'),
        client_cert(organization='devs'),
        client_cert(organization='ops'),
        client_cert(organization=['devs', 'ops']),
        client_cert(organization=...),
        client_cert('alice', organizational_unit=None),
        client_cert(names='alice.example.com'),
        client_cert(names='*@example.com'),
        client_cert(serial='0A1B'),
        client_cert(issuer='CA'),
        client_cert('alice', organization='devs', names='alice@*'),
    ],
)
def test_a_certificate_that_is_so_matches(box: client_cert) -> None:
    assert criteria(box).check(BY_ALICE)
    assert all(finding.held for finding in criteria(box).explain(BY_ALICE))


@pytest.mark.parametrize(
    'box',
    [
        client_cert(None),
        client_cert('bob'),
        client_cert('Alice'),
        client_cert('b*'),
        client_cert(re.compile('al')),
        client_cert({'bob', 'carol'}),
        client_cert(set()),
        client_cert(organization='kmock'),
        client_cert(organization=['devs']),
        client_cert(organization=None),
        client_cert('alice', organizational_unit='x'),
        client_cert('bob', organization='devs'),
        client_cert(names='example.com'),
    ],
)
def test_a_certificate_that_is_not_so_does_not_match(box: client_cert) -> None:
    assert not criteria(box).check(BY_ALICE)
    assert not all(finding.held for finding in criteria(box).explain(BY_ALICE))


@pytest.mark.parametrize('request_', [PLAIN, ANONYMOUS], ids=['plain', 'anonymous'])
def test_without_a_certificate_only_none_matches(request_: Request) -> None:
    assert criteria(client_cert(None)).check(request_)
    for box in (client_cert(), client_cert('alice'), client_cert(organization=None), client_cert(names='x')):
        assert not criteria(box).check(request_)


def test_it_merges_with_others_of_its_kind() -> None:
    both = criteria(client_cert('alice')).merge(criteria(client_cert(organization='ops')))
    assert both == criteria(client_cert('alice', organization='ops'))
    assert criteria(client_cert()).merge(criteria(client_cert('alice'))) == criteria(client_cert('alice'))
    assert criteria(client_cert('alice')).merge(HTTPCriteria(path='/x')) is None


@pytest.mark.parametrize(
    ('one', 'other', 'field'),
    [
        (client_cert('alice'), client_cert('bob'), "client_cert['common_name']"),
        (client_cert(None), client_cert('bob'), 'client_cert'),
        (client_cert(), client_cert(None), 'client_cert'),
    ],
)
def test_a_contradiction_names_the_field(one: client_cert, other: client_cert, field: str) -> None:
    with pytest.raises(ContradictionError) as caught:
        RawHandler()[one][other]
    assert caught.value.field == field


def test_no_certificate_at_all_says_all_about_it() -> None:
    with pytest.raises(TypeError, match='stands alone'):
        client_cert(None, organization='devs')


@pytest.mark.parametrize(
    ('box', 'request_', 'details'),
    [
        (client_cert('bob'), BY_ALICE, ["client_cert: 'alice' != 'bob'"]),
        (
            client_cert('bob', organization='admins'),
            BY_ALICE,
            ["client_cert: 'alice' != 'bob'", "client_cert['organization']: ['devs', 'ops'] != 'admins'"],
        ),
        (client_cert('bob'), ANONYMOUS, ["client_cert: nothing != 'bob'"]),
        (client_cert('bob'), PLAIN, ["client_cert: nothing over plain HTTP != 'bob'"]),
        (client_cert(), PLAIN, ['client_cert: nothing over plain HTTP != anything']),
        (client_cert(None), BY_ALICE, [f'client_cert: {BY_ALICE.client_cert!r} != nothing']),
    ],
)
def test_it_explains_what_did_not_match(box: client_cert, request_: Request, details: list[str]) -> None:
    assert [finding.detail for finding in criteria(box).explain(request_)] == details


@pytest.mark.parametrize(
    ('box', 'shown'),
    [
        (client_cert(), 'client_cert()'),
        (client_cert(None), 'client_cert(None)'),
        (client_cert('alice'), "client_cert('alice')"),
        (client_cert(organization='devs'), "client_cert(organization='devs')"),
    ],
)
def test_a_view_shows_it_as_it_is_typed(box: client_cert, shown: str) -> None:
    assert shown in repr(RawHandler()['get /x', box])


async def test_a_rule_for_a_certificate_is_chosen_among_others() -> None:
    async with RawHandler() as kmock:
        kmock['get /', client_cert('alice')] << b'hello, alice'
        kmock['get /', client_cert()] << b'hello'
        kmock['get /'] << b'who are you?'
        bodies: list[Any] = []
        for origin in (
            ('https', 'x', None, '1.1', ALICE),
            ('https', 'x', None, '1.1', None),
            ('http', 'x', None, '1.1'),
        ):
            answer: Any = kmock.serve('GET', '/', (), b'', origin)
            bodies.append(answer.body)
        assert bodies == [b'hello, alice', b'who are you?', b'who are you?']
        assert len(kmock[client_cert('alice')]) == 1
