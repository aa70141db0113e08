"""The Celery application: `celery -A governance.config.celery worker`."""

import os
from typing import Any

from celery import Celery
from celery.signals import task_prerun
from django.db import close_old_connections

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


@task_prerun.connect
def renew_connections(sender: Any, **_: Any) -> None:
    """Close database connections that are old or broken; the others are tried when first used."""
    if not sender.request.is_eager:
        close_old_connections()
