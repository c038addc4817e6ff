"""`adreel serve` and `adreel worker`: the processes of the service."""
