"""What was recorded: the requests of the scenarios, and what a kube-apiserver has answered to them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, TypeAlias, TypeGuard

JSON: TypeAlias = Any
"""What `json.loads` gives."""

FOLDER = Path(__file__).with_name('recordings')


@dataclass(frozen=True)
class Step:
    """One step of a scenario: what is sent, with ``${variables}``, and what was answered (absent if it only begins)."""

    id: str
    send: Mapping[str, JSON]
    answer: Mapping[str, JSON] | None = None


@dataclass(frozen=True)
class Scenario:
    """Steps that belong together, in a namespace of their own."""

    name: str
    description: str
    steps: tuple[Step, ...]

    @property
    def counts(self) -> bool:
        """True if its steps count in the totals: no controllers are needed."""
        return not self.name.startswith('kcm-')


def is_object(value: JSON) -> TypeGuard[dict[str, JSON]]:
    """True for an object of JSON."""
    return isinstance(value, dict)


def is_array(value: JSON) -> TypeGuard[list[JSON]]:
    """True for an array of JSON."""
    return isinstance(value, list)


def known(folder: Path = FOLDER) -> list[str]:
    """The names of all scenarios."""
    return sorted(path.stem for path in folder.glob('*.jsonl'))


def select(patterns: Iterable[str], folder: Path = FOLDER) -> list[str]:
    """The names that match any of the patterns, such as ``cm-*``; all if there are no patterns.

    Raises:
        LookupError: nothing has such a name.
    """
    names = known(folder)
    patterns = list(patterns)
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in names):
            raise LookupError(f'no scenario {pattern} (known: {", ".join(names)})')
    return [name for name in names if not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)]


def load(name: str, folder: Path = FOLDER) -> Scenario:
    """One scenario, as recorded."""
    head, *steps = (folder / f'{name}.jsonl').read_text('utf-8').splitlines()
    return Scenario(name, json.loads(head)['description'], tuple(Step(**json.loads(line)) for line in steps))
