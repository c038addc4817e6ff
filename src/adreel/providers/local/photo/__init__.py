"""Reading a product photo: cut-out, matte, palette, route."""
