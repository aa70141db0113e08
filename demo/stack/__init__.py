"""The embedded stack: PostgreSQL and Valkey from wheels, and every process of Orgwarden."""
