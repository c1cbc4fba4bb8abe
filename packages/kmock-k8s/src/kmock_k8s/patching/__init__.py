"""Patches: what a request changes in an object."""
