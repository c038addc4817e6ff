"""Content credentials (C2PA): the history of a film, signed into its file, and reading them back."""
