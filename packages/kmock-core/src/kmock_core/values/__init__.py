"""The values that travel between transports, handlers and tests; nothing here depends on any other part."""
