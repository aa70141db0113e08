"""What Orgwarden knows of users beyond Django's own table."""

from django.conf import settings
from django.db import models


class Profile(models.Model):
    """What Orgwarden knows of a user beyond Django's own: kind, life, and how pages look to them.

    Made with the user. `time_zone` is a name of the IANA database; `last_seen_at` is noted once a
    minute, of pages and tokens alike. `break_glass`: the account is for emergencies, and its use
    is announced. `list_columns`: the keys of the columns shown, by the name of a list's address.
    """

    class Kind(models.TextChoices):
        PERSON = "person", "Person"
        SERVICE_ACCOUNT = "service account", "Service account"

    class DateFormat(models.TextChoices):
        DAY_MONTH = "day month", "23 Nov 2026 19:24"
        ISO = "iso", "2026-11-23 19:24"
        MONTH_DAY = "month day", "Nov 23, 2026 7:24 PM"

    class Theme(models.TextChoices):
        SYSTEM = "system", "As the system"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    class Density(models.TextChoices):
        COMPACT = "compact", "Compact"
        COMFORTABLE = "comfortable", "Comfortable"

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="profile", primary_key=True
    )
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.PERSON)
    description = models.CharField(max_length=200, blank=True, help_text="What it is for.")
    break_glass = models.BooleanField(default=False)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    deactivated_at = models.DateTimeField(null=True, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    date_format = models.CharField(
        max_length=20, choices=DateFormat.choices, default=DateFormat.DAY_MONTH
    )
    theme = models.CharField(max_length=10, choices=Theme.choices, default=Theme.SYSTEM)
    density = models.CharField(max_length=20, choices=Density.choices, default=Density.COMPACT)
    list_columns = models.JSONField(default=dict, blank=True)

    class Meta:
        permissions = [
            ("manage_people", "Can manage people, service accounts and groups"),
            ("manage_sessions", "Can see and end sessions of others"),
        ]

    def __str__(self) -> str:
        return f"profile of user {self.user_id}"
