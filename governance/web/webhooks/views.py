"""The list of webhooks, one of them with its deliveries, one delivery with its attempts."""

from collections.abc import Sequence
from typing import Any, Final

from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone

from governance.access import rights
from governance.notifications.kinds import label_of
from governance.notifications.models import Webhook, WebhookDelivery
from governance.notifications.sealing import is_sealing_possible
from governance.notifications.webhooks.payloads import TEST_KIND
from governance.notifications.webhooks.selectors import (
    attempts_of,
    deliveries_of,
    delivery_of,
    webhook_of,
    webhooks,
)
from governance.outbound.addresses import origin_of
from governance.presentation.text_diff import pretty_json
from governance.web.parts.filters import choice_chip
from governance.web.parts.lists import page_address
from governance.web.parts.pages import Crumb, Page

_PAGE_SIZE: Final = 30


def list_crumb() -> Crumb:
    """Return the step to the list of webhooks."""
    return Crumb("Webhooks", reverse("webhooks"))


def webhook_or_404(webhook_id: int) -> Webhook:
    """Return a webhook.

    :raises Http404: there is none of that number.
    """
    try:
        return webhook_of(webhook_id)
    except Webhook.DoesNotExist:
        raise Http404(f"There is no webhook {webhook_id}.") from None


def kind_label(name: str) -> str:
    """Return what a kind of deliveries is called."""
    return "Test" if name == TEST_KIND else label_of(name)


def shown_address(webhook: Webhook) -> str:
    """Return scheme, host and port of a webhook; the rest of its address may be secret."""
    return origin_of(webhook.url)


def state_of(webhook: Webhook) -> tuple[str, str]:
    """Return how a webhook fares, as a state and its words."""
    if not webhook.enabled:
        return "disabled", "Switched off"
    if webhook.failing_since is not None:
        return "failed", "Failing"
    return "enabled", "Switched on"


class WebhooksPage(Page):
    """Every webhook and how it fares."""

    required_right = rights.MANAGE_WEBHOOKS
    section = "webhooks"
    page_title = "Webhooks"
    template_name = "governance/webhooks/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the webhooks."""
        shown = []
        for webhook in webhooks():
            state, words = state_of(webhook)
            shown.append(
                {
                    "webhook": webhook,
                    "address": shown_address(webhook),
                    "kinds": [label_of(kind) for kind in webhook.kinds],
                    "state": state,
                    "words": words,
                }
            )
        return super().get_context_data(
            shown=shown, sealing_possible=is_sealing_possible(), **kwargs
        )


class WebhookPage(Page):
    """One webhook: its settings, its secret where it is new, and its deliveries."""

    required_right = rights.MANAGE_WEBHOOKS
    section = "webhooks"
    template_name = "governance/webhooks/webhook.html"
    webhook: Webhook

    def begin(self) -> None:
        """Find the webhook."""
        super().begin()
        self.webhook = webhook_or_404(self.kwargs["webhook_id"])

    def get_title(self) -> str:
        """Return its name."""
        return self.webhook.name

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the list and this webhook."""
        return [list_crumb(), Crumb(self.webhook.name)]

    def get_context_data(self, *, secret: str = "", **kwargs: Any) -> dict[str, Any]:
        """Add the deliveries. `secret`: shown in this answer alone."""
        query = self.request.GET
        wanted = query.get("state", "")
        rows = deliveries_of(self.webhook)
        if wanted not in {"", *WebhookDelivery.State.values}:
            known = ", ".join(WebhookDelivery.State.values)
            raise BadRequest(f"state is {wanted!r}; deliveries are filtered by {known}.")
        if wanted:
            rows = rows.filter(state=wanted)
        page = Paginator(rows, _PAGE_SIZE).get_page(query.get("page"))
        shown = [(delivery, kind_label(delivery.kind)) for delivery in page]
        now = timezone.now()
        state, words = state_of(self.webhook)
        until = self.webhook.previous_until
        return super().get_context_data(
            webhook=self.webhook,
            address=shown_address(self.webhook),
            kinds=[label_of(kind) for kind in self.webhook.kinds],
            state=state,
            state_words=words,
            secret=secret,
            overlap_until=until if until is not None and until > now else None,
            rows=page,
            deliveries=shown,
            switch_off={"enabled": "false"},
            row_noun="delivery,deliveries",
            chips=[choice_chip(query, "state", "State", WebhookDelivery.State.choices)],
            is_filtered=bool(wanted),
            previous_href=page_address(query, page.number - 1) if page.has_previous() else "",
            next_href=page_address(query, page.number + 1) if page.has_next() else "",
            **kwargs,
        )

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> Any:
        """Render; where the answer holds a secret no cache may keep it."""
        answer: HttpResponse = super().render_to_response(context, **kwargs)
        if context.get("secret"):
            answer.headers["Cache-Control"] = "no-store"
        return answer


class DeliveryPage(Page):
    """One delivery: what is sent, and each attempt with what came back."""

    required_right = rights.MANAGE_WEBHOOKS
    section = "webhooks"
    template_name = "governance/webhooks/delivery.html"
    webhook: Webhook
    delivery: WebhookDelivery

    def begin(self) -> None:
        """Find the delivery.

        :raises Http404: the webhook has none of that id.
        """
        super().begin()
        self.webhook = webhook_or_404(self.kwargs["webhook_id"])
        try:
            self.delivery = delivery_of(self.webhook, self.kwargs["delivery_id"])
        except WebhookDelivery.DoesNotExist:
            raise Http404(f"{self.webhook.name} has no such delivery.") from None

    def get_title(self) -> str:
        """Return what it tells of."""
        return self.delivery.title

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the list, the webhook and this delivery."""
        href = reverse("webhook", kwargs={"webhook_id": self.webhook.pk})
        return [list_crumb(), Crumb(self.webhook.name, href), Crumb("Delivery")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the body and the attempts."""
        return super().get_context_data(
            webhook=self.webhook,
            delivery=self.delivery,
            label=kind_label(self.delivery.kind),
            body=pretty_json(self.delivery.body),
            attempts=list(attempts_of(self.delivery)),
            may_replay=self.webhook.enabled and self.delivery.state != WebhookDelivery.State.QUEUED,
            **kwargs,
        )
