"""Derives the resources that come with this package from the discovery documents of a real cluster.

    python tools/derive_resources.py DISCOVERY.json.gz

The file has the answers of a cluster: of ``/version`` as ``version``; of ``/api/v1`` and all ``/apis/GROUP/VERSION`` as
``resources``, by their group and version. What is written: the same, without whitespace, always in the same bytes.
"""

import gzip
import json
import sys
from pathlib import Path

TARGET = Path(__file__).parent.parent / 'src' / 'kmock_k8s' / 'data'


def main() -> None:
    source = json.loads(gzip.decompress(Path(sys.argv[1]).read_bytes()))
    version = source['version']
    content = json.dumps({'version': version, 'resources': source['resources']}, separators=(',', ':'))
    target = TARGET / f'kubernetes-{version["major"]}.{version["minor"]}-resources.json.gz'
    target.write_bytes(gzip.compress(content.encode('utf-8'), 9, mtime=0))
    sys.stdout.write(f'{target}: {target.stat().st_size} bytes\n')


if __name__ == '__main__':
    main()
