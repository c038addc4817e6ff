"""Sound: samples, loudness, mixing, soundtracks, AAC."""
