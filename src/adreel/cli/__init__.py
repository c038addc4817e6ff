"""The command line: parses, calls the studio or the service, draws progress."""
