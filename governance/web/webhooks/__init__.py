"""Webhooks: their list, one of them with its deliveries, and what administrators do with them."""
