"""``python -m kmock``: the program ``kmock``."""

import sys

from kmock_core.cli import main

sys.exit(main())
