"""Reports that somebody asked for."""

from django.db import models

from governance.jobs.models import Job


class SubtreeReport(Job):
    """What was found in a root, OU or account and all below it, as of when it was made.

    `target_id`: the root, OU or account. `result`: as `contents.report_contents` returns it.
    """

    target_id = models.CharField(max_length=68)

    class Meta(Job.Meta):
        abstract = False
        permissions = [("add_subtreereport", "Can make reports")]
