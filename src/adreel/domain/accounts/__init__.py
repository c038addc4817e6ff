"""Users, their limits and their webhooks."""
