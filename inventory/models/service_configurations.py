"""How services are set up in accounts: trails, recorders, detectors, defaults."""

from django.db import models

from inventory.models.versions import Version, version_constraints, version_indexes
from inventory.record_types import identity_of
from inventory.records import ServiceConfigurationRecord


class ServiceConfiguration(Version):
    """One trail, recorder, detector or default of a region of an account.

    One table for every service. `facts` and `unknown`: see `ServiceConfigurationRecord`.
    """

    natural_key = identity_of(ServiceConfigurationRecord)

    account_id = models.CharField(max_length=12)
    service = models.CharField(max_length=32)
    region = models.CharField(max_length=32)
    kind = models.CharField(max_length=64)
    name = models.CharField(max_length=512, blank=True)
    arn = models.CharField(max_length=2048, blank=True)
    facts = models.JSONField(default=dict)
    unknown = models.JSONField(default=dict)

    class Meta:
        constraints = version_constraints("service_configuration", ServiceConfigurationRecord)
        indexes = [
            *version_indexes("service_configuration", ServiceConfigurationRecord),
            models.Index(
                fields=["connection", "service", "kind"],
                condition=models.Q(seen_until__isnull=True),
                name="service_configuration_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service} {self.kind} {self.name} in {self.account_id} {self.region}"
