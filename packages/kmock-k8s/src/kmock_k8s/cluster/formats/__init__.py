"""Texts that Go decodes into something else, and writes in one way: quantities, times, bytes."""

from kmock_k8s.cluster.formats.texts import canonize

__all__ = ['canonize']
