"""The domain model: scenes, clips, formats, money, events, errors, ports. Imports no other room of adreel."""
