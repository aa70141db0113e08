"""The Celery application: `celery -A governance.config.celery worker`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.config.settings.dev")

app = Celery("orgwarden")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# No Django apps of their own.
app.autodiscover_tasks(
    [
        "governance.posture",
        "governance.changes.elsewhere",
        "governance.changes.emergency",
        "governance.changes.reverting",
        "governance.changes.rollout",
    ]
)
