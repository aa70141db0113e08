"""Usage: what CloudTrail's events amount to, by day.

The texts of alike calls are stored once, as `UsedAccess`, so that a day of them is a few numbers.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import HashIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import MD5


class UsageContext(models.Model):
    """The request context of alike calls: values by key, and the keys that no event tells.

    `unknown_context` lacks the action's own keys: `inventory.cloudtrail.context.unknown_keys` adds
    them. `digest`: of both.
    """

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    digest = models.UUIDField()
    context = models.JSONField()
    unknown_context = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "digest"], name="usage_context_once")
        ]

    def __str__(self) -> str:
        return str(self.digest)


class UsedAccess(models.Model):
    """An access that was used: who did what to what, where, with which context.

    The fields are those of `policies.usage.UsageRecord`; `region` is empty where the events name
    none. `first_day`, `last_day`: between which it was used, in UTC; days that aged out count.
    `calls`, `last_at`: of all these days. `digest`: of the fields before the days.
    """

    id = models.BigAutoField(primary_key=True)
    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    account_id = models.CharField(max_length=12)
    principal = models.CharField(max_length=1024)
    action = models.CharField(max_length=128)
    resource = models.CharField(max_length=2048)
    region = models.CharField(max_length=32, blank=True)
    context = models.ForeignKey(UsageContext, on_delete=models.PROTECT, related_name="+")
    first_day = models.DateField()
    last_day = models.DateField()
    calls = models.BigIntegerField(default=0)
    last_at = models.DateTimeField()
    digest = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "digest"], name="used_access_once"),
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="used_access_days_in_order"
            ),
        ]
        indexes = [
            models.Index(fields=["connection", "account_id", "action"], name="used_access_account"),
            models.Index(fields=["connection", "principal"], name="used_access_principal"),
            models.Index(fields=["connection", "action"], name="used_access_action"),
            models.Index(fields=["connection", "calls", "id"], name="used_access_calls"),
            models.Index(fields=["connection", "last_at", "id"], name="used_access_last"),
            HashIndex(fields=["resource"], name="used_access_resource"),
        ]

    def __str__(self) -> str:
        return f"{self.principal} {self.action} {self.resource}"


class DailyUsage(models.Model):
    """How often an access was used on a day. Partitioned by `day`.

    `count`: calls, `denied` ones included. `first_at`, `last_at`: of that day.
    """

    pk = models.CompositePrimaryKey("access", "day")
    access = models.ForeignKey(
        UsedAccess, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    day = models.DateField()
    connection = models.ForeignKey(
        "inventory.Connection",
        on_delete=models.CASCADE,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    count = models.BigIntegerField()
    denied = models.BigIntegerField(default=0)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.access_id} on {self.day}: {self.count}"


class DailyDenial(models.Model):
    """Alike denied calls of a day, and what AWS's message names as their cause.

    Partitioned by `day`. The cause is that of `inventory.cloudtrail.denials.DenialCause`:
    `policy_type` is AWS's word for it, such as "service control policy", or empty; `policy` its
    ARN, or empty.
    """

    class Reason(models.TextChoices):
        """What the message says of why it was denied."""

        EXPLICIT = "explicit", "Explicit deny"
        IMPLICIT = "implicit", "No policy allows it"
        UNKNOWN = "unknown", "Not named"

    id = models.BigAutoField(primary_key=True)
    connection = models.ForeignKey(
        "inventory.Connection",
        on_delete=models.CASCADE,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    day = models.DateField()
    account_id = models.CharField(max_length=12)
    principal = models.CharField(max_length=1024)
    action = models.CharField(max_length=128)
    resource = models.CharField(max_length=2048)
    region = models.CharField(max_length=32, blank=True)
    policy_type = models.CharField(max_length=32, blank=True)
    policy = models.CharField(max_length=2048, blank=True)
    reason = models.CharField(max_length=8, choices=Reason.choices)
    count = models.BigIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    digest = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "day", "digest"], name="daily_denial_once"
            )
        ]
        indexes = [
            models.Index(fields=["connection", "account_id", "day"], name="daily_denial_account"),
            models.Index(fields=["connection", "principal"], name="daily_denial_principal"),
            models.Index(fields=["connection", "policy", "day"], name="daily_denial_policy"),
            models.Index(
                fields=["connection", "digest", "day"], include=["count"], name="daily_denial_calls"
            ),
            models.Index(fields=["connection", "last_at", "id"], name="daily_denial_last"),
        ]

    def __str__(self) -> str:
        return f"{self.principal} {self.action}: {self.count} denied on {self.day}"


class DeniedCalls(models.Model):
    """Denied calls of a service on a day by cause: of an account's log, or of all together.

    `account_id` is empty for all accounts, so that nobody adds up thousands. The fields are those
    of `DailyDenial`, whose counts these are the sums of; `service`: the prefix of the actions.
    """

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    account_id = models.CharField(max_length=12, blank=True)
    day = models.DateField()
    service = models.CharField(max_length=128)
    policy_type = models.CharField(max_length=32, blank=True)
    policy = models.CharField(max_length=2048, blank=True)
    count = models.BigIntegerField()

    class Meta:
        constraints = [
            # An index holds no text of any length, but its hash.
            models.UniqueConstraint(
                "connection",
                "account_id",
                "day",
                "service",
                "policy_type",
                MD5("policy"),
                name="denied_calls_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.service} in {self.account_id or 'all accounts'} on {self.day}: {self.count}"


class HourlyCalls(models.Model):
    """Calls of a service on a day by hour in UTC: of an account's log, or of all together.

    `account_id` is empty for all accounts, so that nobody adds up thousands. `calls`: 24 numbers,
    denied ones included, whose sum is that of `DailyUsage`. `denied`: 24, or none where none was.
    Logs that Athena counts have none of these: it tells days.
    """

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    account_id = models.CharField(max_length=12, blank=True)
    day = models.DateField()
    service = models.CharField(max_length=128)
    calls = ArrayField(models.BigIntegerField())
    denied = ArrayField(models.BigIntegerField())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "account_id", "day", "service"], name="hourly_calls_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.service} in {self.account_id or 'all accounts'} on {self.day}"


class UnmappedCall(models.Model):
    """Events of a day that are in no usage, since the actions that they needed are not known."""

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    day = models.DateField()
    event_source = models.CharField(max_length=256)
    event_name = models.CharField(max_length=256)
    count = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "day", "event_source", "event_name"],
                name="unmapped_call_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.event_source}:{self.event_name} {self.count}"
