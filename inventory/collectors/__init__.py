"""Collectors: functions from a client to frozen records. They know neither database nor Celery.

A collector that cannot read everything raises; it never yields nothing instead. A new one is a
module here, an entry in `registry`, its actions in `docs/roles/`, and a test.
"""
