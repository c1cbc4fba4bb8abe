"""Derives the schemas that come with this package from the OpenAPI v3 documents of a real cluster.

    python tools/derive_schemas.py OPENAPI.json.gz

The file has the answers of a cluster below ``/openapi/v3`` as ``documents``, by their path there. What is written,
always in the same bytes: all ``definitions`` of these documents by their name, without prose, where the references to
others are names; and ``kinds``: which of them is that of ``GROUP/VERSION/KIND``.
"""

import gzip
import json
import sys
from pathlib import Path
from typing import Any, cast

TARGET = Path(__file__).parent.parent / 'src' / 'kmock_k8s' / 'data'
VERSION = '1.36'

PREFIX = '#/components/schemas/'
KINDS = 'x-kubernetes-group-version-kind'
PROSE = frozenset(('description', 'title', 'example', 'externalDocs', 'x-kubernetes-deprecated'))


def main() -> None:
    documents = json.loads(gzip.decompress(Path(sys.argv[1]).read_bytes()))['documents']
    definitions: dict[str, Any] = {}
    kinds: dict[str, str] = {}
    for document in documents.values():
        for name, schema in document.get('components', {}).get('schemas', {}).items():
            for kind in schema.get(KINDS, ()):
                kinds[f'{kind["group"]}/{kind["version"]}/{kind["kind"]}'] = name
            derived = derive({key: value for key, value in schema.items() if key != KINDS})
            if definitions.setdefault(name, derived) != derived:
                raise ValueError(f'{name} is not the same in all documents')
    content = json.dumps({'definitions': definitions, 'kinds': kinds}, separators=(',', ':'), sort_keys=True)
    target = TARGET / f'kubernetes-{VERSION}-schemas.json.gz'
    target.write_bytes(gzip.compress(content.encode('utf-8'), 9, mtime=0))
    sys.stdout.write(f'{target}: {target.stat().st_size} bytes, {len(definitions)} definitions\n')


def derive(schema: dict[str, Any]) -> dict[str, Any]:
    """One schema as it is written: a reference with siblings, an ``allOf`` of it alone, becomes a plain one."""
    derived: dict[str, Any] = {}
    for key, value in schema.items():
        if key in PROSE:
            continue
        if key == '$ref':
            derived[key] = value.removeprefix(PREFIX)
        elif key == 'allOf' and len(value) == 1 and set(value[0]) == {'$ref'}:
            derived['$ref'] = value[0]['$ref'].removeprefix(PREFIX)
        elif key == 'properties':
            derived[key] = {name: derive(item) for name, item in value.items()}
        elif key in ('items', 'additionalProperties') and isinstance(value, dict):
            derived[key] = derive(cast('dict[str, Any]', value))
        else:
            derived[key] = value
    return derived


if __name__ == '__main__':
    main()
