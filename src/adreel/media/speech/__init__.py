"""Speech: text to sound with the time of each word, by an offline voice or from a person's recording (docs/voice.md)."""
