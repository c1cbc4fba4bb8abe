"""Choosing API groups and versions of a cluster by globs: ``-i kopf.dev -x '*/v1alpha*'``."""

from argparse import ArgumentTypeError
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from kmock_core import KMockError

CORE = 'core'
"""How the core group is written: by itself it has an empty name."""


class Glob(NamedTuple):
    """A group, or ``group/version``, with ``*``, ``?`` and ``[…]`` in it."""

    included: bool
    """True to include what it matches, False to exclude that."""
    group: str
    version: str = '*'

    def matches(self, group: str, version: str) -> bool:
        """Tell if a version of a group is one of these; the core group has an empty name."""
        return fnmatchcase(group or CORE, self.group) and fnmatchcase(version, self.version)

    def __str__(self) -> str:
        return self.group if self.version == '*' else f'{self.group}/{self.version}'


def including(text: str) -> Glob:
    """Read an argument of ``--include``."""
    return _read(text, included=True)


def excluding(text: str) -> Glob:
    """Read an argument of ``--exclude``."""
    return _read(text, included=False)


def _read(text: str, *, included: bool) -> Glob:
    group, slash, version = text.partition('/')
    if text == 'v1':
        return Glob(included, CORE, 'v1')
    if not group or '/' in version or (slash and not version):
        raise ArgumentTypeError(
            f"{text!r} is neither a group nor group/version: e.g. 'kopf.dev', '*.k8s.io', 'apps/v1', 'core'"
        )
    return Glob(included, group, version or '*')


DEFAULTS = tuple(map(including, (CORE, 'apps', 'autoscaling', 'batch', 'policy', '*.k8s.io')))
"""What is chosen before any globs are given."""


class NothingMatched(KMockError):
    """A glob includes none of what the cluster has."""


def choose(found: Sequence[tuple[str, str]], given: Iterable[Glob] = ()) -> list[tuple[str, str]]:
    """Those groups and versions that are chosen by the last of the globs that matches them; first, by the defaults.

    Raises:
        NothingMatched: a given glob is to include something, but the cluster has nothing like that.
    """
    globs = list(given)
    for glob in globs:
        if glob.included and not any(glob.matches(*one) for one in found):
            known = ', '.join(f'{group or CORE}/{version}' for group, version in found)
            raise NothingMatched(f'the cluster has no API group or version like {str(glob)!r} (it has: {known})')
    return [one for one in found if _is_chosen(one, [*DEFAULTS, *globs])]


def _is_chosen(one: tuple[str, str], globs: list[Glob]) -> bool:
    return next((glob.included for glob in reversed(globs) if glob.matches(*one)), False)
