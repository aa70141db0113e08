"""What people say of a change request, and whose work its plan is."""

from django.conf import settings
from django.db import models

from governance.changes.models.requests import ChangeRequest


class ChangeComment(models.Model):
    """A comment, an answer to one, or a suggested edit of a policy's text.

    `operation`, `line`: the place in the proposed text it speaks of, both from 0, null for the
    request as such. `revision`: of the request when it was written; `text_sha256`: of the text that
    the operation had then, by which it can be told that the text has changed since. `suggestion`:
    the whole text proposed in place of the operation's; the author takes it over, or not.
    """

    change_request = models.ForeignKey(
        ChangeRequest, on_delete=models.PROTECT, related_name="comments"
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answers = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="replies", null=True, blank=True
    )
    revision = models.PositiveIntegerField()
    operation = models.PositiveIntegerField(null=True, blank=True)
    line = models.PositiveIntegerField(null=True, blank=True)
    text_sha256 = models.CharField(max_length=64, blank=True)
    body = models.TextField(blank=True)
    suggestion = models.TextField(blank=True)
    taken_over_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    created_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return self.body[:60]


class ChangeContribution(models.Model):
    """That a person's work is in a request's plan, so that they cannot approve it."""

    class Kind(models.TextChoices):
        """How they took part."""

        EDIT = "edit", "Edit"
        SUGGESTION = "suggestion", "Suggestion"

    change_request = models.ForeignKey(
        ChangeRequest, on_delete=models.PROTECT, related_name="contributions"
    )
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    revision = models.PositiveIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} by {self.person}"
