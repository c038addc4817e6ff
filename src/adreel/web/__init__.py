"""The studio page: HTML drawn by the service itself, and the small scripts that keep it alive."""
