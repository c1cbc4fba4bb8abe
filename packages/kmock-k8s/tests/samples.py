"""Manifests with what Go makes of them: its JSON, and its protobuf.

Made by the serializers of ``k8s.io/apimachinery`` 0.32, from ``tests/cluster/usual_manifests.yaml`` and some more.
"""

import base64
import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple


class Sample(NamedTuple):
    """One object."""

    manifest: dict[str, Any]
    json: dict[str, Any]
    body: bytes

    def __str__(self) -> str:
        return f'{self.manifest["kind"]} {self.manifest["metadata"]["name"]}'


@cache
def load_samples() -> list[Sample]:
    """All that there are."""
    rows = json.loads(gzip.decompress((Path(__file__).parent / 'protobuf' / 'encoded-by-go.json.gz').read_bytes()))
    return [Sample(row['manifest'], row['json'], base64.b64decode(row['protobuf'])) for row in rows]


def drop_nulls(value: Any) -> Any:
    """JSON without nulls among the fields of objects: they are as good as nothing."""
    fields: dict[str, Any] = value
    items: list[Any] = value
    if isinstance(value, dict):
        return {key: drop_nulls(item) for key, item in fields.items() if item is not None}
    return [drop_nulls(item) for item in items] if isinstance(value, list) else value
