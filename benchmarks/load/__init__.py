"""The service under load: many sessions and many listeners on one machine."""
