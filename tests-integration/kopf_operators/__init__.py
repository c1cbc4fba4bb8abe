"""Operators on Kopf do in the cluster what they do in a real one."""
