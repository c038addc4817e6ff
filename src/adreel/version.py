"""The version, in a module of its own: asking for it brings in nothing else."""

__version__ = "0.1.0"
