"""The Django project: settings, addresses, Celery and the server's entry points."""

from governance.config.celery import app as celery_app

__all__ = ["celery_app"]
