"""How the tables came to be, step by step. Steps that were released are never changed."""
