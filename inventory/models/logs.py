"""Where an organization's CloudTrail logs are, what of them was read, and the events that stay."""

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q

BUCKET = RegexValidator(
    r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
    "Give the name of a bucket, such as example-cloudtrail-logs.",
)
PREFIX = RegexValidator(
    r"^[\w!.*'()/-]{0,200}$", "A trail's prefix has at most 200 letters, digits and ! - _ . * ' ( )"
)
QUEUE_URL = RegexValidator(
    r"^https?://[^\s/]+/\d{12}/[\w-]{1,80}(\.fifo)?$",
    "Give the URL of a queue, such as https://sqs.us-east-1.amazonaws.com/123456789012/logs.",
)
ATHENA_NAME = RegexValidator(
    r"^[a-z_][a-z0-9_]{0,254}$",
    "Give a name of Athena: lower-case letters, digits and _, not beginning with a digit.",
)
WORKGROUP = RegexValidator(
    r"^[\w.-]{1,128}$", "A workgroup has up to 128 letters, digits and _ . - in its name."
)
ACCOUNT_ID = RegexValidator(r"^\d{12}$", "An account id has 12 digits.")


class LogSource(models.Model):
    """A trail's files in a bucket: `prefix`/AWSLogs/[`organization_path`/]account/CloudTrail/….

    `account_id`: of the log archive, whose audit role reads the bucket. `organization_path`: the
    organization's id for an organization trail; empty for a trail of one account. `read_from`: the
    first day that is read. `problem`: why the last listing was not complete, in words.
    `athena_…`: the table over the files and the workgroup, in the bucket's region, by which Athena
    reads them. `monthly_budget_usd`: what its scans may cost in a month; None: no limit.
    """

    class Kind(models.TextChoices):
        """How the logs are read."""

        FILES = "files", "Files in S3"
        ATHENA = "athena", "Athena"

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="log_sources"
    )
    name = models.CharField(max_length=128)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.FILES)
    bucket = models.CharField(max_length=63, validators=[BUCKET])
    prefix = models.CharField(max_length=200, blank=True, validators=[PREFIX])
    organization_path = models.CharField(max_length=34, blank=True)
    bucket_region = models.CharField(max_length=32)
    account_id = models.CharField(max_length=12, validators=[ACCOUNT_ID])
    trail_arn = models.CharField(max_length=2048, blank=True)
    kms_key_arn = models.CharField(
        max_length=2048, blank=True, help_text="The key that encrypts the files; empty: none."
    )
    queue_url = models.CharField(max_length=512, blank=True, validators=[QUEUE_URL])
    read_from = models.DateField()
    athena_database = models.CharField(max_length=255, blank=True, validators=[ATHENA_NAME])
    athena_table = models.CharField(max_length=255, blank=True, validators=[ATHENA_NAME])
    athena_workgroup = models.CharField(max_length=128, blank=True, validators=[WORKGROUP])
    athena_results_bucket = models.CharField(
        max_length=63,
        blank=True,
        validators=[BUCKET],
        help_text="Where the workgroup writes results; empty: Athena keeps them itself.",
    )
    monthly_budget_usd = models.DecimalField(
        max_digits=9, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    is_enabled = models.BooleanField(default=True)
    last_listed_at = models.DateTimeField(null=True, editable=False)
    problem = models.TextField(blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "bucket", "prefix", "organization_path"],
                name="log_source_place",
            ),
            models.CheckConstraint(
                condition=~Q(kind="athena")
                | ~Q(athena_database="") & ~Q(athena_table="") & ~Q(athena_workgroup=""),
                name="log_source_athena_has_table",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def root(self) -> str:
        """The prefix of all its keys, up to the accounts: `prefix/AWSLogs/o-…/`."""
        parts = [self.prefix.strip("/"), "AWSLogs", self.organization_path]
        return "".join(f"{part}/" for part in parts if part)


class LogObject(models.Model):
    """One file of a source, and what came of it. Rows of read files age out; `LogDay` stays.

    `events`: with `duplicates`, which another file had brought. `written_at`: when S3 got it.
    `why`: what is wrong with it, in words. `sha256`: of its text, in hex, as digest files name it;
    empty where it was not read completely. `claim`: of the reader that has it until
    `claimed_until`.
    """

    class State(models.TextChoices):
        """CUT: broken before its end; what came before counts. GONE: deleted before it was read."""

        WAITING = "waiting", "Waiting"
        READ = "read", "Read"
        DENIED = "denied", "Access denied"
        CUT = "cut", "Cut short"
        UNREADABLE = "unreadable", "Not readable"
        GONE = "gone", "Gone"

    # Those that are tried again: access may be given.
    OPEN_STATES = (State.WAITING, State.DENIED)
    REFUSED_STATES = (State.DENIED, State.CUT, State.UNREADABLE, State.GONE)

    source = models.ForeignKey(LogSource, on_delete=models.CASCADE, related_name="objects_found")
    key = models.CharField(max_length=1024)
    account_id = models.CharField(max_length=12)
    region = models.CharField(max_length=32)
    day = models.DateField()
    size_bytes = models.BigIntegerField(default=0)
    written_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    why = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    events = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    found_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    claim = models.UUIDField(null=True)
    claimed_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "key"], name="log_object_once"),
        ]
        indexes = [
            models.Index(
                fields=["source", "day", "account_id"],
                condition=Q(state__in=["waiting", "denied"]),
                name="log_object_open",
            ),
            models.Index(
                fields=["source", "state", "day"],
                condition=~Q(state__in=["waiting", "read"]),
                name="log_object_refused",
            ),
            models.Index(fields=["source", "day"], name="log_object_day"),
        ]

    def __str__(self) -> str:
        return self.key


class LogDay(models.Model):
    """What was found and read of one account's logs of a region and day; the sum of its objects.

    `objects` and `size_bytes`: found; `events`, `duplicates`: of those that were read. `newest_at`:
    the time in the name of the newest file that was read. `listed_at`: None where only
    notifications named files. `digests`: whether CloudTrail's signatures of the files were checked.
    """

    class Digests(models.TextChoices):
        """What checking the day's digest files said."""

        UNCHECKED = "", "Not checked"
        ABSENT = "absent", "No digest files"
        VERIFIED = "verified", "Verified"
        UNKNOWN = "unknown", "Not verifiable"
        FAILED = "failed", "Verification failed"

    source = models.ForeignKey(LogSource, on_delete=models.CASCADE, related_name="days")
    account_id = models.CharField(max_length=12)
    region = models.CharField(max_length=32)
    day = models.DateField()
    listed_at = models.DateTimeField(null=True)
    objects_found = models.PositiveIntegerField(default=0)
    objects_read = models.PositiveIntegerField(default=0)
    size_bytes = models.BigIntegerField(default=0)
    events = models.BigIntegerField(default=0)
    duplicates = models.BigIntegerField(default=0)
    unmapped = models.BigIntegerField(default=0)
    newest_at = models.DateTimeField(null=True)
    digests = models.CharField(max_length=8, choices=Digests.choices, blank=True)
    digests_why = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "account_id", "region", "day"], name="log_day_once"
            ),
            models.CheckConstraint(
                condition=Q(objects_read__lte=F("objects_found")), name="log_day_read_was_found"
            ),
        ]
        indexes = [models.Index(fields=["source", "day"], name="log_day_by_day")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.region} {self.day}"


class ReadEvents(models.Model):
    """The ids of the events that one batch brought of an account and hour, to know them again.

    Partitioned by `read_on`, the day of reading, and aged out by it. `ids`: 16 bytes an event.
    """

    id = models.BigAutoField(primary_key=True)
    connection = models.ForeignKey(
        "inventory.Connection",
        on_delete=models.CASCADE,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    account_id = models.CharField(max_length=12)
    hour = models.IntegerField(help_text="Hours since 1970 in UTC; -1 for events without a UUID.")
    read_on = models.DateField()
    ids = models.BinaryField()

    class Meta:
        indexes = [
            models.Index(fields=["connection", "account_id", "hour"], name="read_events_of_hour")
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.hour}"


class LoggedEvent(models.Model):
    """An event that stays whole, for detections and attribution. Partitioned by `day`.

    Which ones do: `inventory.logs.kept_events`. `principal`: as in usage, the role and not its
    session.
    """

    id = models.BigAutoField(primary_key=True)
    connection = models.ForeignKey(
        "inventory.Connection",
        on_delete=models.CASCADE,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    event_id = models.CharField(max_length=64)
    at = models.DateTimeField()
    day = models.DateField()
    account_id = models.CharField(max_length=12)
    region = models.CharField(max_length=32, blank=True)
    event_source = models.CharField(max_length=128)
    event_name = models.CharField(max_length=128)
    principal = models.CharField(max_length=1024)
    event = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "day", "event_id"], name="logged_event_once"
            )
        ]
        indexes = [
            models.Index(fields=["connection", "event_name", "at"], name="logged_event_name"),
            models.Index(fields=["connection", "account_id", "at"], name="logged_event_account"),
        ]

    def __str__(self) -> str:
        return f"{self.event_source}:{self.event_name} {self.event_id}"


class KeptEventName(models.Model):
    """An event that stays whole in an organization's logs because a rule of its own asks for it.

    `since`: of files read before it was not stored.
    """

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    event_source = models.CharField(max_length=128)
    event_name = models.CharField(max_length=128)
    since = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "event_source", "event_name"], name="kept_event_name_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.event_source}:{self.event_name}"
