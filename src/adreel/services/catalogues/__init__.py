"""Catalogues, their batches and their films, in the database."""
