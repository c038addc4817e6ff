"""External clips: probing, examining, conforming, frame interpolation."""
