"""Collectors: functions from a client to frozen records. They know neither database nor Celery.

A collector that cannot read everything raises; it never yields nothing instead. A new one is a
module here, which `registry` finds, and a test; roles and documents are written from what it
declares (`python -m docs.collectors`).
"""
