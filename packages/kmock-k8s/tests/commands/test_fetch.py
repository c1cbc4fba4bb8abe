"""Tests of ``kmock fetch resources``, as far as no cluster is needed: arguments, globs, files."""

import sys
from argparse import ArgumentTypeError
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmock_core.testing import check_command
from kmock_k8s.commands.fetch import FETCH
from kmock_k8s.commands.globs import Glob, NothingMatched, choose, excluding, including
from kmock_k8s.model.loading import compress, decompress

FOUND = [
    ('', 'v1'),
    ('apps', 'v1'),
    ('autoscaling', 'v2'),
    ('autoscaling', 'v1'),
    ('batch', 'v1'),
    ('policy', 'v1'),
    ('storage.k8s.io', 'v1'),
    ('storage.k8s.io', 'v1beta1'),
    ('kopf.dev', 'v1'),
    ('kopf.dev', 'v1alpha1'),
]


def chosen(*globs: str) -> list[str]:
    """What is chosen by globs like ``+kopf.dev`` and ``-apps``."""
    given = [including(text[1:]) if text[0] == '+' else excluding(text[1:]) for text in globs]
    return [f'{group}/{version}' for group, version in choose(FOUND, given)]


def test_the_command_is_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv('KUBECONFIG', str(tmp_path / 'none'))
    monkeypatch.setitem(sys.modules, 'kubernetes.client', None)

    assert check_command(FETCH, ['resources'], status=2) == ''


def test_without_the_client_library_it_is_said_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, 'kubernetes.client', None)

    check_command(FETCH, ['resources'], status=2)

    message = "kmock fetch resources: this needs the Kubernetes client: pip install 'kmock-k8s[fetch]'\n"
    assert capsys.readouterr().err == message


def test_without_a_library_for_the_suffix_nothing_is_fetched(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name in ('compression.zstd', 'backports.zstd', 'pyzstd', 'kubernetes.client'):
        monkeypatch.setitem(sys.modules, name, None)

    check_command(FETCH, ['resources', '-o', str(tmp_path / 'resources.json.zst')], status=2)

    assert capsys.readouterr().err.endswith('.zst files need a library: pip install backports.zstd\n')
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    ('globs', 'expected'),
    [
        ([], ['/v1', 'apps/v1', 'autoscaling/v2', 'autoscaling/v1', 'batch/v1', 'policy/v1', 'storage.k8s.io/v1']),
        (['-*'], []),
        (['-*', '+kopf.dev'], ['kopf.dev/v1', 'kopf.dev/v1alpha1']),
        (['-*', '+kopf.dev/v1'], ['kopf.dev/v1']),
        (['-*', '+kopf.*', '-*/v1alpha*'], ['kopf.dev/v1']),
        (['-*', '-*/v1alpha*', '+kopf.*'], ['kopf.dev/v1', 'kopf.dev/v1alpha1']),
        (['+*', '-*/v1', '-*beta?'], ['autoscaling/v2', 'kopf.dev/v1alpha1']),
        (['-*', '+v1'], ['/v1']),
        (['-*', '+core'], ['/v1']),
        (['-*', '+core/v1'], ['/v1']),
        (['-*', '+[ab]*', '-autoscaling/v1'], ['apps/v1', 'autoscaling/v2', 'batch/v1']),
    ],
)
def test_the_last_glob_that_matches_decides(globs: list[str], expected: list[str]) -> None:
    # Of the defaults, there is one version that the table leaves out for being long.
    assert [one for one in chosen(*globs) if one != 'storage.k8s.io/v1beta1'] == expected


def test_by_default_the_usual_groups_are_chosen_in_all_versions() -> None:
    assert chosen('+kopf.dev/v1') == [f'{group}/{version}' for group, version in FOUND if version != 'v1alpha1']


def test_a_glob_that_includes_nothing_is_refused() -> None:
    with pytest.raises(NothingMatched, match=r"like 'kopf\.dve' \(it has: core/v1, apps/v1, .*, kopf\.dev/v1alpha1\)$"):
        chosen('+kopf.dve')


def test_a_glob_that_excludes_nothing_is_fine() -> None:
    assert chosen('-metrics.k8s.io') == chosen()


@pytest.mark.parametrize('text', ['', '/', '/v1', 'apps/', 'apps/v1/deployments'])
def test_other_texts_are_no_globs(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match=r"is neither a group nor group/version: e\.g\. 'kopf\.dev'"):
        including(text)


@pytest.mark.parametrize('text', ['core', 'kopf.dev', '*.k8s.io', 'apps/v1', '*/v1beta?'])
def test_globs_are_shown_as_they_are_typed(text: str) -> None:
    assert str(including(text)) == str(excluding(text)) == text


def test_the_order_of_arguments_is_kept(tmp_path: Path) -> None:
    from argparse import ArgumentParser

    parser = ArgumentParser()
    FETCH.configure(parser)
    args = parser.parse_args(['resources', '-x', '*', '-i', 'kopf.dev', '--exclude=*/v1alpha1', '-i', 'v1'])

    assert args.globs == [
        Glob(False, '*'),
        Glob(True, 'kopf.dev'),
        Glob(False, '*', 'v1alpha1'),
        Glob(True, 'core', 'v1'),
    ]


@pytest.mark.parametrize('suffix', ['', '.json', '.gz', '.bz2', '.xz', '.GZ'])
@given(content=st.binary())
def test_what_is_compressed_can_be_decompressed(suffix: str, content: bytes) -> None:
    assert decompress(compress(content, suffix), suffix) == content
    assert compress(content, suffix) == compress(content, suffix)
