"""Custom resources: their definitions, the kinds that come of these, and what their objects may be."""
