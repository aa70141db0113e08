"""The form of a connection. What may be kept is judged by `inventory.connections`."""

import secrets
from typing import Any

from django import forms

from governance.collection.connections import ConnectionSettings
from inventory.models import Connection


class ConnectionForm(forms.Form):
    """The settings of a connection."""

    name = forms.CharField(max_length=80, help_text="As shown to people.")
    organization_role_arn = forms.CharField(
        label="Organization role",
        max_length=2048,
        help_text="ARN of the role in the management account or a delegated administrator's: "
        "arn:aws:iam::123456789012:role/OrgwardenOrganizationReader.",
    )
    audit_role_name = forms.CharField(
        label="Audit role",
        max_length=576,
        help_text="Name of the role, the same in every account.",
    )
    apply_role_arn = forms.CharField(
        label="Apply role",
        max_length=2048,
        required=False,
        help_text="ARN of the role in the management account that approved changes are applied "
        "with; only the apply worker may assume it. Empty: Orgwarden only reads.",
    )
    external_id = forms.CharField(
        label="ExternalId",
        max_length=1224,
        required=False,
        help_text="The roles' trust policies must name it. It keeps others from using them "
        "through Orgwarden and is not secret.",
    )
    home_region = forms.CharField(
        label="Home region", max_length=32, help_text="Where sessions begin, such as us-east-1."
    )
    regions = forms.CharField(
        label="Regions collected",
        required=False,
        help_text="Separated by spaces, such as eu-west-2 us-east-1.",
    )
    endpoint_url = forms.CharField(
        label="Endpoint",
        max_length=200,
        required=False,
        help_text="Empty for AWS itself. Another address must be public and https, or allowed "
        "in the settings of this instance.",
    )
    schedule_minutes = forms.IntegerField(
        label="Minutes between runs",
        min_value=0,
        max_value=7 * 24 * 60,
        help_text="0: runs start only manually.",
    )
    enabled = forms.BooleanField(label="Switched on: runs may start", required=False)

    @classmethod
    def for_new(cls) -> "ConnectionForm":
        """Return the form with what is usual, and an ExternalId that nobody else has."""
        return cls(
            initial={
                "audit_role_name": "OrgwardenAudit",
                "external_id": f"orgwarden-{secrets.token_hex(8)}",
                "home_region": "us-east-1",
                "schedule_minutes": 60,
                "enabled": True,
            }
        )

    @classmethod
    def for_connection(cls, connection: Connection) -> "ConnectionForm":
        """Return the form with a connection's settings."""
        values: dict[str, Any] = {name: getattr(connection, name) for name in cls.base_fields}
        return cls(initial=values | {"regions": " ".join(connection.regions)})

    def settings(self) -> ConnectionSettings:
        """Return what was given, once the form is valid."""
        given = dict(self.cleaned_data)
        given["regions"] = tuple(given["regions"].replace(",", " ").split())
        return ConnectionSettings(**given)
