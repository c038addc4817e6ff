"""A feed of 200 products with 20 bad rows through ``adreel batch``: run, killed ten times, run again with other prices."""
