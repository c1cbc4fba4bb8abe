"""Warnings in headers: ``warning.go`` among the filters of ``k8s.io/apiserver``."""

import re
from collections.abc import Iterable

MAX_TOTAL = 4096
"""How long all warnings of an answer are together: with more, each one is cut, and the last ones are left out."""
MAX_ITEM = 256
"""How long each one is then."""
MAX_COUNT = 90
"""How many there are: a real server has 10 more, and then clients of Python, which take 100 headers, can't read it."""

_YAML = 'yaml: unmarshal errors:\n'

_has_controls = re.compile('[\x00-\x1f\x7f-\x9f]').search
"""Finds what can't be in a header: a real server leaves such warnings out."""


def compose_warnings(texts: Iterable[str]) -> list[str]:
    """The values of the header, each text once.

    >>> compose_warnings(['v1 Endpoints is deprecated', 'unknown field', 'unknown field'])
    ['299 - "v1 Endpoints is deprecated"', '299 - "unknown field"']
    """
    lines = [line for text in texts for line in _split(text)]
    shown = [text for text in dict.fromkeys(lines) if text and not _has_controls(text)][:MAX_COUNT]
    if sum(map(len, shown)) > MAX_TOTAL:
        shown = _cut(shown)
    return [f'299 - "{_escape(text)}"' for text in shown]


def _split(text: str) -> list[str]:
    """The errors of YAML are told one by one."""
    errors = text.removeprefix('error converting YAML to JSON: ')
    return [line.strip() for line in errors.splitlines()[1:]] if errors.startswith(_YAML) else [text]


def _cut(texts: list[str]) -> list[str]:
    kept: list[str] = []
    written = 0
    for text in texts:
        if written >= MAX_TOTAL:
            break
        kept.append(text[:MAX_ITEM])
        written += len(kept[-1])
    return kept


def _escape(text: str) -> str:
    return text.replace('\\', '\\\\').replace('"', '\\"')
