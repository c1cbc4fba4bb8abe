"""What follows the name of an object in URLs, beyond its status: scales, bindings, evictions, logs, tokens …"""

from kmock_k8s.cluster.subresources.table import PARTS, create

__all__ = ['PARTS', 'create']
