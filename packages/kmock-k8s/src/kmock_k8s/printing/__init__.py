"""The cells of built-in objects in tables: what ``kubectl get`` shows, as the server makes it.

As in ``pkg/printers/internalversion/printers.go`` of Kubernetes 1.36, with all the columns (those of ``-o wide``, too).
"""

from kmock_k8s.printing.ages import UNKNOWN, humanize, print_age, print_since
from kmock_k8s.printing.registry import Printer, Rank, conditions_of, printer_of, rank_of
from kmock_k8s.printing.simple import print_with_time

__all__ = [
    'UNKNOWN',
    'Printer',
    'Rank',
    'conditions_of',
    'humanize',
    'print_age',
    'print_since',
    'print_with_time',
    'printer_of',
    'rank_of',
]
