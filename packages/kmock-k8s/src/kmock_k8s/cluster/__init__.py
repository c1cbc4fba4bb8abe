"""A faithful API server: what the real one does with objects, beyond keeping them."""
