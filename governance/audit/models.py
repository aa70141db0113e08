"""Tables of the audit log. Rows are added and never changed: triggers refuse the rest."""

import pgtrigger
from django.db import models


def _append_only() -> list[pgtrigger.Trigger]:
    """Return the trigger that refuses to change, remove or truncate rows of a table."""
    return [
        pgtrigger.Trigger(
            name="append_only",
            level=pgtrigger.Statement,
            when=pgtrigger.Before,
            operation=pgtrigger.Update | pgtrigger.Delete | pgtrigger.Truncate,
            func="RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP;",
        )
    ]


class AuditEntry(models.Model):
    """One act: who did what to which object, when, from where, and how it ended.

    Ids of people, tokens and connections are plain numbers: an entry outlives what it names.
    `before` and `after` hold the fields that changed, never a secret.
    """

    class ActorKind(models.TextChoices):
        """What acted."""

        PERSON = "person", "Person"
        SERVICE_ACCOUNT = "service account", "Service account"
        COMMAND = "command", "Command"
        SYSTEM = "system", "System"

    class Outcome(models.TextChoices):
        """How the act ended."""

        DONE = "done", "Done"
        REFUSED = "refused", "Refused"
        FAILED = "failed", "Failed"

    recorded_at = models.DateTimeField()
    action = models.CharField(max_length=80, help_text="subject.verb")
    outcome = models.CharField(max_length=7, choices=Outcome.choices)
    actor_kind = models.CharField(max_length=15, choices=ActorKind.choices)
    actor_id = models.BigIntegerField(null=True, blank=True)
    actor_name = models.CharField(max_length=200)
    on_behalf_of = models.CharField(max_length=200, blank=True)
    token_id = models.BigIntegerField(null=True, blank=True)
    session = models.CharField(max_length=16, blank=True)
    address = models.CharField(max_length=45, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    object_kind = models.CharField(max_length=40)
    object_id = models.CharField(max_length=200)
    object_name = models.CharField(max_length=300, blank=True)
    connection_id = models.BigIntegerField(null=True, blank=True)
    target_id = models.CharField(max_length=40, blank=True)
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)

    class Meta:
        default_permissions = ("view",)
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["object_kind", "object_id", "id"], name="audit_object"),
            models.Index(fields=["actor_id", "id"], name="audit_actor"),
            models.Index(fields=["action", "id"], name="audit_action"),
            models.Index(fields=["recorded_at", "id"], name="audit_time"),
            models.Index(fields=["connection_id", "target_id", "id"], name="audit_place"),
        ]
        triggers = _append_only()

    def __str__(self) -> str:
        return f"{self.action} by {self.actor_name}"
