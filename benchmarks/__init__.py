"""What `make bench` measures: adreel against other ways to make the same film, side by side in one run."""
