"""Programs on the client for Node.js, and the tests that run them."""
