"""The options of lists and watches."""

from typing import Any

import pytest

from kmock_k8s.api.options import NO_OPTIONS, ListOptions, read_options
from kmock_k8s.errors import KubernetesBadRequestError, KubernetesInvalidError


@pytest.mark.parametrize(
    ('pairs', 'expected'),
    [
        ([], NO_OPTIONS),
        ([('unknown', 'x'), ('pretty', ''), ('watch', 'yes')], NO_OPTIONS),
        ([('labelSelector', 'a=b'), ('fieldSelector', 'c=d')], ListOptions(labels='a=b', fields='c=d')),
        ([('labelSelector', 'a'), ('labelSelector', 'b')], ListOptions(labels='a')),
        ([('limit', '5'), ('continue', 'x')], ListOptions(limit=5, token='x')),
        ([('limit', '0')], NO_OPTIONS),
        ([('limit', '-5')], NO_OPTIONS),
        ([('limit', ''), ('timeoutSeconds', ''), ('resourceVersion', '')], NO_OPTIONS),
        ([('resourceVersion', '0')], ListOptions(revision=0)),
        ([('resourceVersion', '123')], ListOptions(revision=123)),
        ([('timeoutSeconds', '30')], ListOptions(timeout=30)),
        ([('timeoutSeconds', '0')], NO_OPTIONS),
        ([('allowWatchBookmarks', 'true')], ListOptions(bookmarks=True)),
        ([('allowWatchBookmarks', '1')], ListOptions(bookmarks=True)),
        ([('allowWatchBookmarks', 'T')], ListOptions(bookmarks=True)),
        ([('allowWatchBookmarks', 'False')], NO_OPTIONS),
        (
            [('sendInitialEvents', 'true'), ('resourceVersionMatch', 'NotOlderThan')],
            ListOptions(initial=True),
        ),
        (
            [('sendInitialEvents', 'false'), ('resourceVersionMatch', 'NotOlderThan')],
            ListOptions(initial=False),
        ),
        ([('resourceVersionMatch', 'NotOlderThan')], NO_OPTIONS),
    ],
)
def test_options_are_read_from_the_query(pairs: list[tuple[str, str]], expected: ListOptions) -> None:
    assert read_options(pairs) == expected


@pytest.mark.parametrize(
    ('name', 'values'),
    [
        ('limit', ['x', '1x', '0x1', '1e3', '1_000', ' 1', '1.0', '²', '9' * 20, '-' + '9' * 20, '9' * 5000]),
        ('timeoutSeconds', ['x', '5s', '0.5', '9' * 400]),
        ('resourceVersion', ['x', '-1', '1.0', '+1', '²', '9' * 20]),
        ('allowWatchBookmarks', ['x', 'yes', '2']),
    ],
)
def test_malformed_options_are_bad_requests_that_name_them(name: str, values: list[str]) -> None:
    for value in values:
        with pytest.raises(KubernetesBadRequestError, match=name):
            read_options([(name, value)])


@pytest.mark.parametrize('pairs', [[], [('resourceVersionMatch', 'Exact')]])
def test_initial_events_need_the_match_that_they_are_of(pairs: list[Any]) -> None:
    with pytest.raises(KubernetesInvalidError, match='NotOlderThan'):
        read_options([('sendInitialEvents', 'true'), *pairs])
