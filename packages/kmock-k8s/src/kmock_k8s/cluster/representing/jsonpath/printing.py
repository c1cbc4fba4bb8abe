"""Prints what is found."""

import json
from typing import Any

from kmock_k8s.cluster.representing.golang import print_number


def print_found(value: Any) -> str:
    """A value as text: objects and arrays are JSON."""
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, separators=(',', ':'), sort_keys=True)
    if isinstance(value, bool):
        return 'true' if value else 'false'
    if isinstance(value, float):
        return print_number(value)
    return '<no value>' if value is None else str(value)
