"""JSONPath as Kubernetes has it (``client-go/util/jsonpath``): where the values of printed columns are.

It is a dialect of its own: ``.spec.ports[*].port``, ``.status.conditions[?(@.type=="Ready")].status``,
``.metadata.labels.example\\.com/team``, ``..image``, ``[-1]``, ``[0:2]``, ``['a','b']``.
"""

from kmock_k8s.cluster.representing.jsonpath.finding import JSONPath
from kmock_k8s.cluster.representing.jsonpath.nodes import JSONPathError
from kmock_k8s.cluster.representing.jsonpath.printing import print_found

__all__ = ['JSONPath', 'JSONPathError', 'print_found']
