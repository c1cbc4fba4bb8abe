"""The table of the built-in schemas, as it is in the file."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from kmock_k8s.model.loading import read_path

BUNDLED = 'kubernetes-1.36-schemas.json.gz'
"""The schemas of a current Kubernetes; derived by ``tools/derive_schemas.py``."""


@dataclass(frozen=True, slots=True)
class Table:
    """Schemas by their names, and the names of those that are of kinds: by ``group/version/kind``."""

    definitions: Mapping[str, Mapping[str, Any]]
    kinds: Mapping[str, str]


@cache
def load() -> Table:
    """The table that comes with this package: read once, when it is first needed."""
    content = read_path(Path(__file__).parent.parent / 'data' / BUNDLED)
    return Table(definitions=content['definitions'], kinds=content['kinds'])
