"""The questions about paths that programs ask and that take long."""

from django.db import models

from governance.jobs.models import Job


class PathJob(Job):
    """A question what somebody can reach. `asked`: its members as `jobs.QueuedPaths` holds them."""

    asked = models.JSONField()

    class Meta(Job.Meta):
        abstract = False
