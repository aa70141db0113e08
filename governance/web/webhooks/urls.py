"""Addresses of webhooks. `new` is no webhook's number."""

from django.urls import URLPattern, path

from governance.web.webhooks.acts import (
    DeliveryReplay,
    WebhookRemove,
    WebhookRotatePage,
    WebhookSwitch,
    WebhookTestPage,
)
from governance.web.webhooks.editing import WebhookCreate, WebhookEdit
from governance.web.webhooks.views import DeliveryPage, WebhookPage, WebhooksPage

_ONE = "webhooks/<int:webhook_id>"
_DELIVERY = f"{_ONE}/deliveries/<uuid:delivery_id>"

webhook_patterns: list[URLPattern] = [
    path("webhooks/", WebhooksPage.as_view(), name="webhooks"),
    path("webhooks/new/", WebhookCreate.as_view(), name="webhook-create"),
    path(f"{_ONE}/", WebhookPage.as_view(), name="webhook"),
    path(f"{_ONE}/edit/", WebhookEdit.as_view(), name="webhook-edit"),
    path(f"{_ONE}/test/", WebhookTestPage.as_view(), name="webhook-test"),
    path(f"{_ONE}/rotate/", WebhookRotatePage.as_view(), name="webhook-rotate"),
    path(f"{_ONE}/switch/", WebhookSwitch.as_view(), name="webhook-switch"),
    path(f"{_ONE}/remove/", WebhookRemove.as_view(), name="webhook-remove"),
    path(f"{_DELIVERY}/", DeliveryPage.as_view(), name="webhook-delivery"),
    path(f"{_DELIVERY}/replay/", DeliveryReplay.as_view(), name="webhook-delivery-replay"),
]
