"""Pictures of every screen of the page, for docs/screens.md."""
