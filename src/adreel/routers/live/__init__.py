"""WebSockets that follow sessions."""
