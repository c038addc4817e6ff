"""Measures when the local engine uses a cut-out: photos with known outlines, false accepts and false refusals."""
