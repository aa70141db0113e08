"""Adds a webhook and changes one."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from governance.access import rights
from governance.access.actors import actor_of
from governance.access.viewers import viewer_of
from governance.notifications.models import Webhook
from governance.notifications.sealing import SealingUnavailable
from governance.notifications.webhooks.sending import send_now
from governance.notifications.webhooks.services import (
    WebhookInvalid,
    webhook_change,
    webhook_create,
    webhook_test,
)
from governance.web.parts.pages import Crumb, Page
from governance.web.webhooks.forms import WebhookForm
from governance.web.webhooks.views import WebhookPage, list_crumb, webhook_or_404


class WebhookCreate(Page):
    """Adds a webhook, tries it, and shows its secret this once."""

    required_right = rights.MANAGE_WEBHOOKS
    needs_step_up = True
    section = "webhooks"
    page_title = "Add a webhook"
    template_name = "governance/webhooks/form.html"

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the list and this page."""
        return [list_crumb(), Crumb(self.page_title)]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the form."""
        return self.show(WebhookForm(viewer=viewer_of(request.user)))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Make it and send a test, or say by field what is wrong."""
        form = WebhookForm(request.POST, viewer=viewer_of(request.user))
        if not form.is_valid():
            return self.show(form)
        actor, now = actor_of(request), timezone.now()
        try:
            webhook, secret = webhook_create(actor=actor, now=now, **form.settings())
        except WebhookInvalid as error:
            add_errors(form, error)
            return self.show(form)
        except SealingUnavailable as error:
            form.add_error(None, str(error))
            return self.show(form)
        delivery = webhook_test(actor=actor, webhook_id=webhook.pk, now=now)
        return show_webhook(
            request, webhook, secret=secret, tested=send_now(delivery, clock=timezone.now)
        )

    def show(self, form: WebhookForm) -> HttpResponseBase:
        """Show the form as it is."""
        answer: HttpResponseBase = self.render_to_response(
            self.get_context_data(form=form, button="Add and send a test", back=reverse("webhooks"))
        )
        return answer


class WebhookEdit(Page):
    """Changes a webhook's address and events."""

    required_right = rights.MANAGE_WEBHOOKS
    needs_step_up = True
    section = "webhooks"
    template_name = "governance/webhooks/form.html"
    webhook: Webhook

    def begin(self) -> None:
        """Find the webhook."""
        super().begin()
        self.webhook = webhook_or_404(self.kwargs["webhook_id"])

    def get_title(self) -> str:
        """Return what is edited."""
        return f"Edit {self.webhook.name}"

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the list, the webhook and this page."""
        return [list_crumb(), Crumb(self.webhook.name, self.back()), Crumb("Edit")]

    def back(self) -> str:
        """Return the webhook's address."""
        return reverse("webhook", kwargs={"webhook_id": self.webhook.pk})

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the form with the settings."""
        return self.show(WebhookForm.for_webhook(self.webhook, viewer=viewer_of(request.user)))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep the settings, or say by field what is wrong."""
        form = WebhookForm(request.POST, viewer=viewer_of(request.user))
        if not form.is_valid():
            return self.show(form)
        try:
            webhook_change(
                actor=actor_of(request),
                webhook_id=self.webhook.pk,
                now=timezone.now(),
                **form.settings(),
            )
        except WebhookInvalid as error:
            add_errors(form, error)
            return self.show(form)
        messages.success(request, "The settings are saved. Send a test.")
        return HttpResponseRedirect(self.back())

    def show(self, form: WebhookForm) -> HttpResponseBase:
        """Show the form as it is."""
        answer: HttpResponseBase = self.render_to_response(
            self.get_context_data(form=form, button="Save", back=self.back())
        )
        return answer


def show_webhook(request: HttpRequest, webhook: Webhook, **shown: Any) -> HttpResponseBase:
    """Show a webhook's page with what this answer alone tells, such as its secret."""
    page = WebhookPage()
    page.setup(request, webhook_id=webhook.pk)
    page.begin()
    answer: HttpResponseBase = page.render_to_response(page.get_context_data(**shown))
    return answer


def add_errors(form: WebhookForm, error: WebhookInvalid) -> None:
    """Put what is wrong beside the fields."""
    for name, said in error.fields.items():
        form.add_error(name if name in form.fields else None, f"{said[:1].upper()}{said[1:]}.")
