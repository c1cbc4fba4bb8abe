"""Live streams: the feeding points where requests wait, and the feedings that reach them."""
