"""Tables, engine and migrations. SQL is spoken here and in services only."""
