"""Sessions, their stages, assets and jobs."""
