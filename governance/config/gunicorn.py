"""What gunicorn does in each worker: `gunicorn --config python:governance.config.gunicorn`."""

from typing import Any


def post_worker_init(worker: Any) -> None:
    """Keep the worker warm. Here, after the fork: a thread does not survive one."""
    # Its models can be imported once the application has set Django up.
    from governance.posture.warming import start_warming

    start_warming()
