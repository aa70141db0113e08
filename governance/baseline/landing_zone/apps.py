"""Landing zone as a Django application."""

from django.apps import AppConfig


class LandingZoneConfig(AppConfig):
    """Which accounts do the landing zone's work, and what Control Tower says of it."""

    name = "governance.baseline.landing_zone"
    label = "landing_zone"
    verbose_name = "Landing zone"

    def ready(self) -> None:
        """Say who sees which core accounts."""
        from governance.baseline.landing_zone.models import CoreAccount
        from inventory.viewing import in_accounts, rule_for

        rule_for(CoreAccount, in_accounts)
