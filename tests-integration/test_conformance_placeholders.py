"""Values that differ from run to run become placeholders that keep their relations."""

from collections.abc import Mapping
from typing import Any

import pytest

from conformance.placeholders import with_placeholders

UID1 = '0a8f4b1c-1111-4222-8333-00000000000a'
UID2 = '0a8f4b1c-1111-4222-8333-00000000000b'


def answers(*bodies: Any, literals: str = '') -> list[Any]:
    """What becomes of the answers to the steps of a scenario."""
    return [step['response'] for step in with_placeholders([{'response': body} for body in bodies], literals)]


def test_the_same_uid_is_the_same_placeholder_wherever_it_is() -> None:
    assert answers({'uid': UID2}, {'message': f'UID: {UID1}, not {UID2}'}) == [
        {'uid': '<uid:1>'},
        {'message': 'UID: <uid:2>, not <uid:1>'},
    ]


def test_values_that_a_scenario_gives_by_itself_stay() -> None:
    assert answers(UID1, '2001-01-01T00:00:00Z', literals=f'uid: {UID1}, at: 2001-01-01T00:00:00Z') == [
        UID1,
        '2001-01-01T00:00:00Z',
    ]


def test_versions_are_numbered_by_age_and_not_by_appearance() -> None:
    assert answers({'resourceVersion': '100'}, {'resourceVersion': '99'}, {'resourceVersion': '1000'}) == [
        {'resourceVersion': '<rv:2>'},
        {'resourceVersion': '<rv:1>'},
        {'resourceVersion': '<rv:3>'},
    ]


def test_numbers_are_versions_only_where_versions_are_expected() -> None:
    assert answers({'resourceVersion': '7'}, {'data': {'port': '7'}}, 'resource 7') == [
        {'resourceVersion': '<rv:1>'},
        {'data': {'port': '7'}},
        'resource 7',
    ]


def test_the_version_that_means_any_stays() -> None:
    assert answers({'resourceVersion': '0'}, '?resourceVersion=0') == [{'resourceVersion': '0'}, '?resourceVersion=0']


@pytest.mark.parametrize(
    ('text', 'expected'),
    [
        ('too old resource version: 5 (8)', 'too old resource version: <rv:1> (<rv:2>)'),
        ('Too large resource version: 8, current: 5', 'Too large resource version: <rv:2>, current: <rv:1>'),
        (
            'ResourceVersion in precondition: 5, ResourceVersion in object meta: 8',
            'ResourceVersion in precondition: <rv:1>, ResourceVersion in object meta: <rv:2>',
        ),
        (
            'the ResourceVersion in the precondition (5) does not match the ResourceVersion in record (8).',
            'the ResourceVersion in the precondition (<rv:1>) does not match the ResourceVersion in record (<rv:2>).',
        ),
        ('/api/v1/pods?watch=1&resourceVersion=5', '/api/v1/pods?watch=1&resourceVersion=<rv:1>'),
        ('metadata:\n  resourceVersion: "5"\n', 'metadata:\n  resourceVersion: "<rv:1>"\n'),
        ('{\\"resourceVersion\\":\\"5\\"}', '{\\"resourceVersion\\":\\"<rv:1>\\"}'),
    ],
)
def test_versions_are_found_in_texts(text: str, expected: str) -> None:
    assert answers(text) == [expected]


def test_versions_of_the_preparation_have_no_numbers_unless_they_are_met_later() -> None:
    steps: list[Mapping[str, Any]] = [
        {'setup': True, 'response': {'resourceVersion': '10'}},
        {'setup': True, 'response': {'resourceVersion': '20'}},
        {'response': {'resourceVersion': '20'}},
    ]
    versions = [step['response']['resourceVersion'] for step in with_placeholders(steps, '')]
    assert versions == ['<rv:setup>', '<rv:1>', '<rv:1>']


def test_timestamps_are_numbered_by_age() -> None:
    assert answers('2026-01-01T00:00:09Z', '2026-01-01T00:00:01.123456Z') == ['<ts:2>', '<ts:1>']


def test_tokens_of_pages_are_recognised_in_urls_too() -> None:
    assert answers({'continue': 'a+b=='}, '/api/v1/pods?continue=a%2Bb%3D%3D', {'continue': ''}) == [
        {'continue': '<continue:1>'},
        '/api/v1/pods?continue=<continue:1>',
        {'continue': ''},
    ]


def test_a_token_that_begins_as_another_one_is_not_mistaken_for_it() -> None:
    assert answers({'continue': 'abc'}, {'continue': 'abcdef'}) == [
        {'continue': '<continue:1>'},
        {'continue': '<continue:2>'},
    ]


def test_generated_names_keep_what_they_are_generated_from() -> None:
    assert answers({'generateName': 'gen-', 'name': 'gen-x7k2p'}, 'configmaps "gen-x7k2p" not found') == [
        {'generateName': 'gen-', 'name': 'gen-<rand:1>'},
        'configmaps "gen-<rand:1>" not found',
    ]


def test_names_that_are_generated_in_vain_are_recognised_by_their_alphabet() -> None:
    assert answers({'generateName': 'Gen_'}, 'invalid: "Gen_bcdfg"', 'invalid: "Gen_aeiou"') == [
        {'generateName': 'Gen_'},
        'invalid: "Gen_<rand>"',
        'invalid: "Gen_aeiou"',
    ]


def test_long_bases_of_generated_names_are_cut() -> None:
    base = 'a' * 70
    (answer,) = answers({'generateName': base, 'name': 'a' * 58 + 'bcdfg'})
    assert answer['name'] == 'a' * 58 + '<rand:1>'


def test_the_moment_in_the_name_of_an_event_is_hidden() -> None:
    assert answers('pod1.18a2b3c4d5e6f708') == ['pod1.<hex>']


def test_ages_in_tables_are_hidden_in_later_events_of_a_watch_too() -> None:
    columns = [{'name': 'Name'}, {'name': 'Age'}]
    tables = [
        {'kind': 'Table', 'columnDefinitions': columns, 'rows': [{'cells': ['a', '5s']}]},
        {'kind': 'Table', 'columnDefinitions': None, 'rows': [{'cells': ['b', '7m']}]},
    ]
    rows = [table['rows'] for table in answers(*tables)]
    assert rows == [[{'cells': ['a', '<age>']}], [{'cells': ['b', '<age>']}]]


def test_of_very_long_texts_only_the_length_is_kept() -> None:
    assert answers('x' * 30_000) == ['<string of 30000>']
