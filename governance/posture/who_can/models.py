"""The questions that programs ask and that take long."""

from django.db import models

from governance.jobs.models import Job


class WhoCanJob(Job):
    """A question who may do an action. `asked`: its members as `jobs.Asked` holds them."""

    asked = models.JSONField()

    class Meta(Job.Meta):
        abstract = False
