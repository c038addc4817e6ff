"""Webhooks to users: their endpoints, and deliveries that survive restarts."""
