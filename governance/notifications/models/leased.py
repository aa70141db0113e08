"""What a worker takes, works on and records, while others keep away from it."""

from django.db import models


class Leased(models.Model):
    """Work that is due at a time and held by one worker until its lease ends.

    `attempts`: how often it was taken. A worker that dies leaves its lease behind; once that has
    ended somebody else takes the row.
    """

    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    holder = models.CharField(max_length=32, blank=True, help_text="Who works on it.")
    lease_until = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True, help_text="What went wrong last, in words.")

    class Meta:
        abstract = True
