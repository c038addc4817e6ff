"""Evidence about the voice and the sound of films that speak: docs/speech.md."""
