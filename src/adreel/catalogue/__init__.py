"""The catalogue of models: their inputs, lengths, prices and sources, as data."""
