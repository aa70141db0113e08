"""The form of a webhook. What may be kept is judged by `governance.notifications.webhooks`."""

from typing import Any

from django import forms

from governance.notifications.kinds import kinds
from governance.notifications.models import Webhook
from governance.outbound.addresses import LONGEST_URL
from inventory.models import Connection
from inventory.selectors.connections import connections
from inventory.viewing import Viewer


class WebhookForm(forms.Form):
    """A webhook's name, address and events."""

    name = forms.CharField(max_length=80, help_text="What receives it, such as siem.")
    url = forms.CharField(
        label="Address",
        max_length=LONGEST_URL,
        help_text="Public and https://, such as https://hooks.example.com/orgwarden. Internal "
        "receivers must be named in the settings of this instance.",
    )
    kinds = forms.MultipleChoiceField(
        label="Events",
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="None chosen: all of them, new ones too.",
    )
    organization = forms.ChoiceField(
        required=False, help_text="Events of this one only, or of all."
    )

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        """Offer the kinds and the organizations."""
        super().__init__(*args, **kwargs)
        offered = [(kind.name, kind.label) for kind in kinds() if kind.for_webhooks]
        self.fields["kinds"].choices = offered  # type: ignore[attr-defined]
        self._connections = {one.slug: one for one in connections(viewer)}
        slugs = [("", "All organizations")]
        slugs += [(slug, one.name) for slug, one in self._connections.items()]
        self.fields["organization"].choices = slugs  # type: ignore[attr-defined]

    @classmethod
    def for_webhook(cls, webhook: Webhook, *, viewer: Viewer) -> "WebhookForm":
        """Return the form with a webhook's settings."""
        initial = {
            "name": webhook.name,
            "url": webhook.url,
            "kinds": webhook.kinds,
            "organization": webhook.connection.slug if webhook.connection else "",
        }
        return cls(initial=initial, viewer=viewer)

    def settings(self) -> dict[str, Any]:
        """Return what was given, once the form is valid, as the services take it."""
        given = self.cleaned_data
        connection: Connection | None = self._connections.get(given["organization"])
        return {
            "name": given["name"],
            "url": given["url"],
            "kinds_wanted": given["kinds"],
            "connection": connection,
        }
