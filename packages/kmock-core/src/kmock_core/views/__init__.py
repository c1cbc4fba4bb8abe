"""Views: descriptions of requests, live sequences of those that match, and places to attach reactions."""
