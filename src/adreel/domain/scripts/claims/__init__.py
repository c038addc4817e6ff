"""The truth sheet of an ad: what its words claim, and whether the user's facts and offer say so."""
