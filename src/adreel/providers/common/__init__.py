"""What adapters of providers share."""
