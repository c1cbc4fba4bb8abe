"""Objects with what Go makes of them: made by the serializers of ``k8s.io/apimachinery`` 0.32."""

import base64
import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import strategies as st


class Sample(NamedTuple):
    """One object."""

    manifest: dict[str, Any]
    json: dict[str, Any]
    body: bytes

    def __str__(self) -> str:
        return f'{self.manifest["kind"]} {self.manifest["metadata"].get("name", "")}'


@cache
def load_samples() -> list[Sample]:
    """Manifests, from ``tests/cluster/usual_manifests.yaml`` and some more."""
    return [Sample(row['manifest'], row['json'], base64.b64decode(row['protobuf'])) for row in _load('encoded')]


@cache
def load_random_samples() -> list[Sample]:
    """Objects of each kind whose fields have random values, most of which mean nothing."""
    return [Sample(row['json'], row['json'], base64.b64decode(row['protobuf'])) for row in _load('random')]


def _load(name: str) -> list[dict[str, Any]]:
    path = Path(__file__).parent / 'protobuf' / f'{name}-by-go.json.gz'
    rows: list[dict[str, Any]] = json.loads(gzip.decompress(path.read_bytes()))
    return rows


@st.composite
def broken_bodies(draw: st.DrawFn) -> tuple[Sample, bytes]:
    """A sample, and its body with something else in it at some places."""
    sample = draw(st.sampled_from(load_samples() + load_random_samples()))
    body = bytearray(sample.body)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(body)))
        match draw(st.sampled_from(('change', 'cut', 'insert', 'end'))):
            case 'change':
                body[at : at + 1] = draw(st.binary(min_size=1, max_size=1))
            case 'cut':
                del body[at : at + draw(st.integers(1, 5))]
            case 'insert':
                body[at:at] = draw(st.binary(max_size=5))
            case _:
                del body[at:]
    return sample, bytes(body)


def drop_nulls(value: Any) -> Any:
    """JSON without nulls among the fields of objects: they are as good as nothing."""
    fields: dict[str, Any] = value
    items: list[Any] = value
    if isinstance(value, dict):
        return {key: drop_nulls(item) for key, item in fields.items() if item is not None}
    return [drop_nulls(item) for item in items] if isinstance(value, list) else value
