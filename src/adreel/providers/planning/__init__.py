"""Scene and prompt planning: rules, language model answers."""
