"""Manifests: files with objects, as people write them for kubectl."""
