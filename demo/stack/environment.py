"""The environment of the stack's processes."""

import os

from demo.simulator import credentials
from demo.stack.ports import LOOPBACK


def own_environment() -> dict[str, str]:
    """Return this process's environment without what would lead a process of the stack astray.

    Above all nothing of the person's own AWS configuration: the demo talks to the simulator only.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "PG", "ORGWARDEN_", "DJANGO_", "CELERY_"))
        # Its processes load the same modules: the first to compile one stores it for the others.
        and name != "PYTHONDONTWRITEBYTECODE"
    }
    nothing = os.devnull
    return {
        **kept,
        **credentials.WORKER.environment(),
        "AWS_CONFIG_FILE": nothing,
        "AWS_SHARED_CREDENTIALS_FILE": nothing,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": ",".join(filter(None, [kept.get("NO_PROXY"), LOOPBACK, "localhost"])),
        "PYTHONUNBUFFERED": "1",
        "REMAP_SIGTERM": "SIGQUIT",  # Celery's: SIGTERM does not wait for tasks without end
        # Tasks are JSON, which cannot carry code, and nothing here is reachable from outside.
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
    }
