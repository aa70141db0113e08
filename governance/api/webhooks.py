"""/webhooks: who gets events by signed requests, their deliveries, replay."""

from functools import cached_property
from typing import Any, ClassVar

from django.db import transaction
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from governance.access import rights
from governance.access.actors import actor_of
from governance.api.parts.endpoints import Endpoint
from governance.api.parts.fresh_proof import require_fresh_proof
from governance.api.parts.list_endpoint import by
from governance.api.parts.pagination import page_of, page_request
from governance.api.parts.permissions import token_of
from governance.api.parts.problems import CONFLICT, NOT_FOUND, Problem
from governance.api.parts.representations import Representation, read_body
from governance.api.webhook_representations import (
    WebhookChangeRepresentation,
    WebhookDeliveryDetailsRepresentation,
    WebhookDeliveryPageRepresentation,
    WebhookDeliveryRepresentation,
    WebhookPageRepresentation,
    WebhookRepresentation,
    WebhookRequestRepresentation,
    WebhookSecretRepresentation,
)
from governance.notifications.models import Webhook, WebhookDelivery
from governance.notifications.sealing import SealingUnavailable
from governance.notifications.webhooks.selectors import (
    deliveries_of,
    delivery_of,
    webhook_of,
    webhooks,
)
from governance.notifications.webhooks.sending import send_now
from governance.notifications.webhooks.services import (
    CannotReplay,
    WebhookInvalid,
    delivery_replay,
    webhook_change,
    webhook_create,
    webhook_remove,
    webhook_rotate,
    webhook_switch,
    webhook_test,
)
from inventory.models import Connection
from inventory.selectors.connections import connection_by_slug

_LARGEST = 2**63 - 1
# What errors of the services are about → the member of the body.
_MEMBERS = {"url": "address"}


class WebhookEndpoint(Endpoint):
    """What all of this has in common. Webhooks see everything: no token of a place has them."""

    topic = "Webhooks"
    needs_all_places = "webhooks get the events of all of them"
    # Methods by which a person changes where events go, and so must have proved who they are.
    steps_up: ClassVar[frozenset[str]] = frozenset()
    representation: ClassVar[type[Representation]] = WebhookRepresentation

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check the right, and that a person has just proved who they are.

        :raises Problem: the proof is missing or too old.
        """
        super().initial(request, *args, **kwargs)
        if token_of(request) is None and request.method in self.steps_up:
            require_fresh_proof(request)

    @cached_property
    def webhook(self) -> Webhook:
        """The webhook of the address.

        :raises Problem: there is none.
        """
        webhook_id = self.kwargs["webhook_id"]
        try:
            return webhook_of(webhook_id if webhook_id <= _LARGEST else 0)
        except Webhook.DoesNotExist:
            raise Problem(NOT_FOUND, f"there is no webhook {webhook_id}") from None

    @cached_property
    def delivery(self) -> WebhookDelivery:
        """The delivery of the address.

        :raises Problem: the webhook has none of that id.
        """
        try:
            return delivery_of(self.webhook, self.kwargs["delivery_id"])
        except WebhookDelivery.DoesNotExist:
            raise Problem(NOT_FOUND, "the webhook has no such delivery") from None

    def organization(self, slug: str | None) -> Connection | None:
        """Return the organization of a body, None for all.

        :raises ValidationError: there is none of that slug.
        """
        if slug is None:
            return None
        try:
            return connection_by_slug(self.viewer, slug=slug)
        except Connection.DoesNotExist:
            raise ValidationError({"organization": [f"no organization is {slug!r}"]}) from None

    def serialized_webhook(self, webhook: Webhook) -> Any:
        """Return a webhook as it is now."""
        context = self.get_serializer_context()
        return WebhookRepresentation(webhook_of(webhook.pk), context=context).data

    def with_secret(self, webhook: Webhook, secret: str, *, status_code: int) -> Response:
        """Answer with a webhook and its secret, which nothing may keep."""
        context = {**self.get_serializer_context(), "secret": secret}
        answer = Response(
            WebhookSecretRepresentation(webhook_of(webhook.pk), context=context).data,
            status=status_code,
            headers={
                "Cache-Control": "no-store",
                "Location": self.serialized_webhook(webhook)["url"],
            },
        )
        # Answers to repetitions are kept in the cache, where no secret may be.
        answer.not_kept = ("secret",)  # type: ignore[attr-defined]
        return answer


def invalid(error: WebhookInvalid) -> ValidationError:
    """Return what is wrong by the members of the body."""
    return ValidationError(
        {_MEMBERS.get(name, name): [said] for name, said in error.fields.items()}
    )


class WebhookList(WebhookEndpoint):
    """The webhooks."""

    rights = {"GET": rights.MANAGE_WEBHOOKS, "POST": rights.MANAGE_WEBHOOKS}
    steps_up = frozenset({"POST"})
    page_representation = WebhookPageRepresentation
    takes = WebhookRequestRepresentation
    answers = {
        201: OpenApiResponse(WebhookSecretRepresentation, description="Its secret is shown once.")
    }
    orderings = {"name": by("name", "id"), "created_at": by("created_at", "id")}
    usual_ordering = "name"

    def parameters(self) -> set[str]:
        """Return the names of the query parameters."""
        return super().parameters() | {"limit", "cursor", "ordering"}

    def get(self, request: Request) -> Response:
        """List the webhooks."""
        asked = page_request(request, self.orderings, usual=self.usual_ordering)
        page = page_of(webhooks(), asked)
        return self.respond_with(page, self.serialized(page.rows, many=True))

    def post(self, request: Request, /) -> Response:
        """Add a webhook. Its secret is in this answer and in no other."""
        given = read_body(WebhookRequestRepresentation, request)
        try:
            webhook, secret = webhook_create(
                actor=actor_of(request),
                name=given["name"],
                url=given["address"],
                kinds_wanted=given["kinds"],
                connection=self.organization(given["organization"]),
                now=self.now,
            )
        except WebhookInvalid as error:
            raise invalid(error) from error
        except SealingUnavailable as error:
            raise Problem(CONFLICT, str(error)) from error
        return self.with_secret(webhook, secret, status_code=status.HTTP_201_CREATED)


class WebhookDetail(WebhookEndpoint):
    """One webhook."""

    rights = dict.fromkeys(("GET", "PATCH", "DELETE"), rights.MANAGE_WEBHOOKS)
    steps_up = frozenset({"PATCH", "DELETE"})
    takes = WebhookChangeRepresentation
    answers = {
        200: OpenApiResponse(WebhookRepresentation, description="The current state."),
        204: OpenApiResponse(description="Removed."),
    }

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get a webhook."""
        return self.answer(self.serialized(self.webhook))

    @transaction.atomic
    def patch(self, request: Request, /, **kwargs: Any) -> Response:
        """Change a webhook, or switch it on or off. What is left out stays."""
        given = read_body(WebhookChangeRepresentation, request)
        webhook, actor = self.webhook, actor_of(request)
        if set(given) - {"enabled"}:
            named = "organization" in given
            try:
                webhook_change(
                    actor=actor,
                    webhook_id=webhook.pk,
                    name=given.get("name", webhook.name),
                    url=given.get("address", webhook.url),
                    kinds_wanted=given.get("kinds", webhook.kinds),
                    connection=self.organization(given["organization"])
                    if named
                    else webhook.connection,
                    now=self.now,
                )
            except WebhookInvalid as error:
                raise invalid(error) from error
        if "enabled" in given and given["enabled"] != webhook.enabled:
            webhook_switch(
                actor=actor, webhook_id=webhook.pk, enabled=given["enabled"], now=self.now
            )
        return Response(self.serialized_webhook(webhook))

    def delete(self, request: Request, /, **kwargs: Any) -> Response:
        """Remove a webhook with what is queued for it and its log."""
        webhook_remove(actor=actor_of(request), webhook_id=self.webhook.pk, now=self.now)
        return Response(status=status.HTTP_204_NO_CONTENT)


class WebhookRotate(WebhookEndpoint):
    """Another secret for a webhook."""

    rights = {"POST": rights.MANAGE_WEBHOOKS}
    steps_up = frozenset({"POST"})
    answers = {
        200: OpenApiResponse(WebhookSecretRepresentation, description="The secret is shown once.")
    }

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Rotate the secret. The one before signs too for 24 hours."""
        try:
            webhook, secret = webhook_rotate(
                actor=actor_of(request), webhook_id=self.webhook.pk, now=self.now
            )
        except SealingUnavailable as error:
            raise Problem(CONFLICT, str(error)) from error
        return self.with_secret(webhook, secret, status_code=status.HTTP_200_OK)


class WebhookTest(WebhookEndpoint):
    """A test of a webhook."""

    rights = {"POST": rights.MANAGE_WEBHOOKS}
    answers = {
        200: OpenApiResponse(WebhookDeliveryDetailsRepresentation, description="The result.")
    }

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Send one test delivery now, and return the result."""
        queued = webhook_test(actor=actor_of(request), webhook_id=self.webhook.pk, now=self.now)
        sent = send_now(queued, clock=timezone.now)
        context = self.get_serializer_context()
        return Response(WebhookDeliveryDetailsRepresentation(sent, context=context).data)


class WebhookDeliveryList(WebhookEndpoint):
    """The deliveries of a webhook."""

    rights = {"GET": rights.MANAGE_WEBHOOKS}
    representation = WebhookDeliveryRepresentation
    page_representation = WebhookDeliveryPageRepresentation
    own_parameters = (
        OpenApiParameter(
            "state",
            OpenApiTypes.STR,
            enum=list(WebhookDelivery.State.values),
            description="Only those in that state.",
        ),
    )
    orderings = {"created_at": by("created_at", "id")}
    usual_ordering = "-created_at"

    def parameters(self) -> set[str]:
        """Return the names of the query parameters."""
        return super().parameters() | {"limit", "cursor", "ordering"}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List deliveries, the newest first."""
        asked = page_request(request, self.orderings, usual=self.usual_ordering)
        rows = deliveries_of(self.webhook)
        state = request.query_params.get("state")
        if state is not None:
            if state not in WebhookDelivery.State.values:
                known = ", ".join(WebhookDelivery.State.values)
                raise ValidationError({"state": [f"choose one of {known}"]})
            rows = rows.filter(state=state)
        page = page_of(rows, asked)
        return self.respond_with(page, self.serialized(page.rows, many=True))


class WebhookDeliveryDetail(WebhookEndpoint):
    """One delivery."""

    rights = {"GET": rights.MANAGE_WEBHOOKS}
    representation = WebhookDeliveryDetailsRepresentation

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get a delivery with its body and attempts."""
        return self.answer(self.serialized(self.delivery))


class WebhookDeliveryReplay(WebhookEndpoint):
    """A delivery sent again."""

    rights = {"POST": rights.MANAGE_WEBHOOKS}
    answers = {
        202: OpenApiResponse(
            WebhookDeliveryRepresentation, description="Queued; `Location` is its address."
        )
    }

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Send a delivery again, with the same body and `webhook-id`.

        409 while it is queued, or the webhook is switched off.
        """
        try:
            queued = delivery_replay(
                actor=actor_of(request),
                webhook_id=self.webhook.pk,
                delivery_id=self.delivery.pk,
                now=self.now,
            )
        except CannotReplay as error:
            raise Problem(CONFLICT, str(error)) from error
        address = reverse(
            "api:webhook-delivery",
            kwargs={"webhook_id": self.webhook.pk, "delivery_id": queued.pk},
            request=request,
        )
        context = self.get_serializer_context()
        return Response(
            WebhookDeliveryRepresentation(queued, context=context).data,
            status=status.HTTP_202_ACCEPTED,
            headers={"Location": address},
        )
