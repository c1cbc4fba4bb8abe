"""Flows of the clients of Kubernetes in Python against the cluster: each does what it would do with a real one."""
