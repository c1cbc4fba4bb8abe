"""Handlers: they record, select, render."""
