"""Flows of the real kubectl against the cluster: what it prints, how it ends, and what is stored then."""
