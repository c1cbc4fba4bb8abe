"""Rendering: from payloads after ``<<`` to answers. Payloads are compiled to nodes when a rule is made."""
