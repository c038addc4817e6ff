"""Films of one product that differ enough to be tried against each other."""
