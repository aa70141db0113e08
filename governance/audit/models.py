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
            models.Index(fields=["object_name", "id"], name="audit_object_name"),
            models.Index(fields=["actor_name", "id"], name="audit_actor_name"),
            models.Index(fields=["outcome", "id"], name="audit_outcome"),
            models.Index(fields=["recorded_at", "id"], name="audit_time"),
            models.Index(fields=["connection_id", "target_id", "id"], name="audit_place"),
        ]
        triggers = [
            *_append_only(),
            # In the database, so that an entry written by whatever means is sealed.
            pgtrigger.Trigger(
                name="queue_for_sealing",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                func="INSERT INTO audit_unsealedentry (entry_id) VALUES (NEW.id); RETURN NULL;",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} by {self.actor_name}"


class UnsealedEntry(models.Model):
    """An entry that has no place in the tree yet. The database adds it, sealing removes it."""

    entry = models.OneToOneField(
        AuditEntry, on_delete=models.DO_NOTHING, primary_key=True, related_name="unsealed"
    )

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"entry {self.entry_id}"


class AuditLeaf(models.Model):
    """The place of an entry in the Merkle tree: `position` counts from 0, without gaps."""

    position = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(AuditEntry, on_delete=models.DO_NOTHING, related_name="leaf")
    leaf_hash = models.BinaryField(max_length=32)

    class Meta:
        default_permissions = ()
        triggers = _append_only()

    def __str__(self) -> str:
        return f"leaf {self.position}"


class AuditNode(models.Model):
    """The root of a perfect subtree of `2**level` leaves, level 1 and up."""

    pk = models.CompositePrimaryKey("level", "index")
    level = models.SmallIntegerField()
    index = models.BigIntegerField()
    node_hash = models.BinaryField(max_length=32)

    class Meta:
        default_permissions = ()
        triggers = _append_only()

    def __str__(self) -> str:
        return f"node {self.index} of level {self.level}"


class AuditCheckpoint(models.Model):
    """The signed size and root of the tree at a time, and the checkpoint before it.

    `note`: what is signed and the signature, as `governance.audit.checkpoints` writes it.
    `public_key`: with which it can be verified; which keys to trust is decided outside.
    """

    number = models.BigIntegerField(primary_key=True)
    tree_size = models.BigIntegerField()
    root_hash = models.BinaryField(max_length=32)
    made_at = models.DateTimeField()
    note = models.TextField()
    public_key = models.CharField(max_length=200)

    class Meta:
        default_permissions = ()
        ordering = ["-number"]
        indexes = [models.Index(fields=["tree_size"], name="audit_checkpoint_size")]
        triggers = _append_only()

    def __str__(self) -> str:
        return f"checkpoint {self.number} of {self.tree_size} entries"


class CheckpointDelivery(models.Model):
    """How far one place outside has the checkpoints.

    `destination`: which of `governance.audit.destinations`. `delivered`: the number of the last
    checkpoint that is there; they are delivered in order. `error`: why the next is not.
    """

    destination = models.CharField(max_length=20, primary_key=True)
    delivered = models.BigIntegerField(default=0)
    tried_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.destination}: {self.delivered}"


class EventStream(models.Model):
    """How far a SIEM has the sealed entries. `next_position`: of the first that it lacks."""

    destination = models.CharField(max_length=20, primary_key=True)
    next_position = models.BigIntegerField(default=0)
    streamed_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.destination}: {self.next_position}"


class AuditVerification(models.Model):
    """What came of verifying the whole log: entries, tree and checkpoints."""

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    tree_size = models.BigIntegerField()
    checkpoints = models.BigIntegerField()
    problems = models.JSONField(default=list)

    class Meta:
        default_permissions = ()
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"verification of {self.tree_size} entries"
