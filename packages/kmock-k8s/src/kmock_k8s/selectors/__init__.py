"""Label selectors and field selectors: which objects a request is about."""
