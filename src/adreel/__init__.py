"""adreel: product photos in, finished 1080p product video ads out."""

__version__ = "0.1.0"
