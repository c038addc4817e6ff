"""Rules of the places where ads are shown, as data; measuring a film, judging it, fitting it."""
