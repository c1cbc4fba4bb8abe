"""Built-in objects from one of their versions to another one, as the real server converts them."""
