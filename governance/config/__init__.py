"""The Django project: settings, addresses, Celery and the server's entry points."""

import gc
from typing import Final

# Python looks for garbage after every 700 new objects that stay. A process of this project holds
# 300,000 once Django, its pages and boto3 are loaded, which takes a quarter longer that way.
_NEW_OBJECTS: Final = 50_000
gc.set_threshold(_NEW_OBJECTS, 20, 50)

from governance.config.celery import app as celery_app  # noqa: E402

__all__ = ["celery_app"]
