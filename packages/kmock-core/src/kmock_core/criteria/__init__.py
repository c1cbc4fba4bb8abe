"""Criteria: what a request must be like. They look at one request at a time and know nothing of logs and rules."""
