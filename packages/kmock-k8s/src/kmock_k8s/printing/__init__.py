"""The cells of built-in objects in tables: what ``kubectl get`` shows, as the server makes it.

As in ``pkg/printers/internalversion/printers.go`` of Kubernetes 1.36, with all the columns (those of ``-o wide``, too).
"""

from kmock_k8s.printing.ages import humanize, print_age, print_since
from kmock_k8s.printing.pods import conditions_of
from kmock_k8s.printing.registry import Printer, Rank, printer_of, rank_of

__all__ = ['Printer', 'Rank', 'conditions_of', 'humanize', 'print_age', 'print_since', 'printer_of', 'rank_of']
