"""The words of the trade: scenes, clips, formats, money, events, errors, ports. Imports nothing of ours."""
