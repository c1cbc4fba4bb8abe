"""Sinks: where ``>>`` delivers requests."""
