"""Webhooks: who is called, with what, signed how, and what came of it."""
