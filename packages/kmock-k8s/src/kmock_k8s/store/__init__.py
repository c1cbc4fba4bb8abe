"""Where the objects are kept, with their histories and one revision."""
