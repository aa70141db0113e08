"""Which accounts do the landing zone's work."""

from django.conf import settings
from django.db import models


class CoreAccount(models.Model):
    """An account that a person confirmed for one piece of the landing zone's work."""

    class Purpose(models.TextChoices):
        """What a core account is for."""

        MANAGEMENT = "management", "Management"
        LOG_ARCHIVE = "log_archive", "Log archive"
        SECURITY_TOOLING = "security_tooling", "Security tooling (audit)"
        NETWORK = "network", "Network"
        IDENTITY = "identity", "Identity"
        SHARED_SERVICES = "shared_services", "Shared services"
        BACKUP = "backup", "Backup"

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    account_id = models.CharField(max_length=12)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField()

    class Meta:
        default_permissions = ("view", "change")
        constraints = [
            models.UniqueConstraint(fields=["connection", "purpose"], name="core_account_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}: {self.account_id}"
