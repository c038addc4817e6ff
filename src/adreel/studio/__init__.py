"""The Python API: local films, sessions, films with hosted models."""
