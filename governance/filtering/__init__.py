"""Filters of lists, one module a topic: the same on the screens and in the REST API."""
