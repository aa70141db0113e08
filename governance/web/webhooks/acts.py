"""What the buttons of a webhook do."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from governance.access import rights
from governance.access.actors import actor_of
from governance.notifications.models import Webhook, WebhookDelivery
from governance.notifications.sealing import SealingUnavailable
from governance.notifications.webhooks.sending import send_now
from governance.notifications.webhooks.services import (
    CannotReplay,
    delivery_replay,
    webhook_remove,
    webhook_rotate,
    webhook_switch,
    webhook_test,
)
from governance.web.parts.rights_view import RightsView
from governance.web.webhooks.editing import show_webhook
from governance.web.webhooks.views import webhook_or_404


class WebhookAct(RightsView):
    """One act on a webhook, by POST."""

    required_right = rights.MANAGE_WEBHOOKS
    http_method_names = ["post", "options"]
    webhook: Webhook

    def begin(self) -> None:
        """Find the webhook."""
        super().begin()
        self.webhook = webhook_or_404(self.kwargs["webhook_id"])

    def back(self) -> HttpResponseBase:
        """Return to the webhook."""
        return HttpResponseRedirect(reverse("webhook", kwargs={"webhook_id": self.webhook.pk}))


class WebhookTestPage(WebhookAct):
    """Sends a test now."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send it and show what came of it."""
        now = timezone.now()
        delivery = webhook_test(actor=actor_of(request), webhook_id=self.webhook.pk, now=now)
        return show_webhook(request, self.webhook, tested=send_now(delivery, clock=timezone.now))


class WebhookRotatePage(WebhookAct):
    """Gives the webhook another secret."""

    needs_step_up = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Make it and show it in this answer alone."""
        try:
            webhook, secret = webhook_rotate(
                actor=actor_of(request), webhook_id=self.webhook.pk, now=timezone.now()
            )
        except SealingUnavailable as error:
            messages.error(request, f"The secret was not rotated: {error}.")
            return self.back()
        return show_webhook(request, webhook, secret=secret)


class WebhookSwitch(WebhookAct):
    """Switches the webhook on or off."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Switch it to what the button says.

        :raises BadRequest: the form says neither.
        """
        wanted = request.POST.get("enabled")
        if wanted not in {"true", "false"}:
            raise BadRequest("enabled is neither true nor false.")
        webhook = webhook_switch(
            actor=actor_of(request),
            webhook_id=self.webhook.pk,
            enabled=wanted == "true",
            now=timezone.now(),
        )
        said = "on" if webhook.enabled else "off: nothing is sent until it is on again"
        messages.success(request, f"{webhook.name} is switched {said}.")
        return self.back()


class WebhookRemove(WebhookAct):
    """Removes the webhook."""

    needs_step_up = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Remove it with its log."""
        name = webhook_remove(
            actor=actor_of(request), webhook_id=self.webhook.pk, now=timezone.now()
        )
        messages.success(request, f"The webhook {name} is removed.")
        return HttpResponseRedirect(reverse("webhooks"))


class DeliveryReplay(WebhookAct):
    """Sends a delivery again."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send it now and return to it.

        :raises Http404: the webhook has no such delivery.
        """
        delivery_id = self.kwargs["delivery_id"]
        try:
            delivery = delivery_replay(
                actor=actor_of(request),
                webhook_id=self.webhook.pk,
                delivery_id=delivery_id,
                now=timezone.now(),
            )
        except WebhookDelivery.DoesNotExist:
            raise Http404(f"{self.webhook.name} has no such delivery.") from None
        except CannotReplay as error:
            messages.error(request, f"Not sent again: {error}.")
        else:
            sent = send_now(delivery, clock=timezone.now)
            if sent.state == WebhookDelivery.State.DELIVERED:
                messages.success(request, "It was sent again and taken.")
            else:
                messages.error(request, f"It was sent again and not taken: {sent.last_error}.")
        return HttpResponseRedirect(
            reverse(
                "webhook-delivery",
                kwargs={"webhook_id": self.webhook.pk, "delivery_id": delivery_id},
            )
        )
