"""What the controllers of a real cluster do by themselves after a write; all at once, before the answer goes out."""
