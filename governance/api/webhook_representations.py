"""How webhooks and their deliveries are represented."""

from typing import Any

from rest_framework import serializers
from rest_framework.reverse import reverse

from governance.api.parts.representations import BodyRepresentation, Representation
from governance.notifications.models import Webhook, WebhookAttempt, WebhookDelivery
from governance.outbound.addresses import LONGEST_URL, origin_of


class WebhookRepresentation(Representation):
    """A webhook. Of its address only scheme, host and port are shown: the rest may be secret."""

    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    name = serializers.CharField()
    receiver = serializers.SerializerMethodField(help_text="Scheme, host and port of the address.")
    kinds = serializers.ListField(
        child=serializers.CharField(), help_text="Of events; empty: all of them."
    )
    organization = serializers.SerializerMethodField(
        help_text="Slug; null: events of all organizations."
    )
    enabled = serializers.BooleanField()
    switched_off_because = serializers.CharField(help_text="Empty: by hand, or it is on.")
    failing_since = serializers.DateTimeField(allow_null=True, help_text="Null: it takes events.")
    previous_secret_signs_until = serializers.DateTimeField(
        source="previous_until", allow_null=True, help_text="After a rotation."
    )
    created_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()

    def get_url(self, webhook: Webhook) -> str:
        """Return its address in the API."""
        kwargs = {"webhook_id": webhook.pk}
        return reverse("api:webhook", kwargs=kwargs, request=self.context["request"])

    def get_receiver(self, webhook: Webhook) -> str:
        """Return where it is."""
        return origin_of(webhook.url)

    def get_organization(self, webhook: Webhook) -> str | None:
        """Return the slug of its organization."""
        return None if webhook.connection is None else webhook.connection.slug


class WebhookSecretRepresentation(WebhookRepresentation):
    """A webhook with its secret, shown this once."""

    secret = serializers.SerializerMethodField(
        allow_null=True, help_text="`whsec_…`; null where the request was repeated."
    )

    def get_secret(self, webhook: Webhook) -> str | None:
        """Return the secret of this request."""
        secret: str | None = self.context.get("secret")
        return secret


class WebhookPageRepresentation(Representation):
    """A page of webhooks."""

    results = WebhookRepresentation(many=True)
    next = serializers.URLField(allow_null=True)


class WebhookRequestRepresentation(BodyRepresentation):
    """A webhook to be made."""

    name = serializers.CharField(max_length=80)
    address = serializers.CharField(max_length=LONGEST_URL, help_text="Public and https.")
    kinds = serializers.ListField(
        child=serializers.CharField(max_length=60),
        required=False,
        default=list,
        max_length=100,
        help_text="Of events; none: all.",
    )
    organization = serializers.CharField(
        required=False, allow_null=True, default=None, max_length=100, help_text="Slug; null: all."
    )


class WebhookChangeRepresentation(BodyRepresentation):
    """What of a webhook is changed; what is left out stays."""

    name = serializers.CharField(max_length=80, required=False)
    address = serializers.CharField(max_length=LONGEST_URL, required=False)
    kinds = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, max_length=100
    )
    organization = serializers.CharField(required=False, allow_null=True, max_length=100)
    enabled = serializers.BooleanField(required=False)


class AttemptRepresentation(serializers.Serializer[Any]):
    """One request of a delivery and what came back."""

    number = serializers.IntegerField()
    at = serializers.DateTimeField()
    seconds = serializers.FloatField()
    status = serializers.IntegerField(allow_null=True, help_text="Null: no answer came.")
    error = serializers.CharField(help_text="Empty: accepted.")
    answer_body = serializers.CharField(help_text="Its first bytes.")


class WebhookDeliveryRepresentation(Representation):
    """One event for one webhook."""

    id = serializers.UUIDField()
    url = serializers.SerializerMethodField()
    webhook_id = serializers.SerializerMethodField(help_text="The header `webhook-id`.")
    kind = serializers.CharField(help_text="Of the event; `webhook.test` of a test.")
    title = serializers.CharField()
    state = serializers.ChoiceField(choices=WebhookDelivery.State.choices)
    attempts = serializers.IntegerField(help_text="Since it was queued.")
    last_error = serializers.CharField(help_text="Empty: none.")
    created_at = serializers.DateTimeField()
    next_attempt_at = serializers.SerializerMethodField(help_text="Null: it is not queued.")
    delivered_at = serializers.DateTimeField(allow_null=True)

    def get_url(self, delivery: WebhookDelivery) -> str:
        """Return its address in the API."""
        kwargs = {"webhook_id": delivery.webhook_id, "delivery_id": delivery.pk}
        return reverse("api:webhook-delivery", kwargs=kwargs, request=self.context["request"])

    def get_webhook_id(self, delivery: WebhookDelivery) -> str:
        """Return the header that its receiver sees."""
        return delivery.message_id

    def get_next_attempt_at(self, delivery: WebhookDelivery) -> str | None:
        """Return when it is tried next."""
        if delivery.state != WebhookDelivery.State.QUEUED:
            return None
        return delivery.due_at.isoformat().replace("+00:00", "Z")


class WebhookDeliveryDetailsRepresentation(WebhookDeliveryRepresentation):
    """A delivery with its body and attempts."""

    body = serializers.CharField(help_text="JSON, as it is sent and signed.")
    attempts_made = serializers.SerializerMethodField(help_text="The newest first.")

    def get_attempts_made(self, delivery: WebhookDelivery) -> list[dict[str, Any]]:
        """Return the attempts."""
        rows = WebhookAttempt.objects.filter(delivery=delivery).order_by("-at", "-pk")
        found: list[dict[str, Any]] = AttemptRepresentation(rows, many=True).data  # type: ignore[assignment]
        return found


class WebhookDeliveryPageRepresentation(Representation):
    """A page of deliveries."""

    results = WebhookDeliveryRepresentation(many=True)
    next = serializers.URLField(allow_null=True)
