"""Photos: opening, decoding, memory estimates, and isolated reader processes for untrusted files."""
