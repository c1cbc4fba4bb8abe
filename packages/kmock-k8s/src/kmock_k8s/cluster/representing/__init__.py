"""How answers are represented: as the client accepts them, as the API server chooses and writes them."""
