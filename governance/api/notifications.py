"""/notifications: the asker's own inbox."""

from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from governance.access import rights
from governance.api.parts.endpoints import Endpoint
from governance.api.parts.list_endpoint import by
from governance.api.parts.pagination import page_of, page_request
from governance.api.parts.permissions import person_of
from governance.api.parts.problems import NOT_FOUND, Problem
from governance.api.parts.representations import Representation
from governance.notifications.addresses import absolute
from governance.notifications.inbox import inbox, inbox_renew, mark_all_read, mark_read
from governance.notifications.kinds import kinds, label_of
from governance.notifications.models import Notification

_LARGEST = 2**63 - 1
_STATES = ("unread", "read")


class NotificationRepresentation(Representation):
    """One event in words for the asker."""

    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    kind = serializers.CharField(help_text="Of the event, such as `run.failed`.")
    kind_label = serializers.SerializerMethodField()
    organization = serializers.SerializerMethodField(help_text="Slug; null: of none.")
    title = serializers.CharField()
    lines = serializers.ListField(child=serializers.CharField())
    page = serializers.SerializerMethodField(help_text="Where people look; null: nowhere.")
    occurred_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True, help_text="Null: unread.")

    def get_url(self, notification: Notification) -> str:
        """Return its address in the API."""
        kwargs = {"notification_id": notification.pk}
        return reverse("api:notification", kwargs=kwargs, request=self.context["request"])

    def get_kind_label(self, notification: Notification) -> str:
        """Return what its kind is called."""
        return label_of(notification.kind)

    def get_organization(self, notification: Notification) -> str | None:
        """Return the slug of its organization."""
        return None if notification.connection is None else notification.connection.slug

    def get_page(self, notification: Notification) -> str | None:
        """Return the address of the page that it leads to."""
        return absolute(notification.path) if notification.path else None


class NotificationPageRepresentation(Representation):
    """A page of notifications."""

    results = NotificationRepresentation(many=True)
    next = serializers.URLField(allow_null=True)


class MarkedRepresentation(Representation):
    """How many were marked."""

    marked = serializers.IntegerField()


class NotificationEndpoint(Endpoint):
    """What all of this has in common. An inbox tells of all that its person may see."""

    topic = "Notifications"
    representation: ClassVar[type[Representation]] = NotificationRepresentation

    needs_all_places = "the inbox covers everything its person sees"

    def missing(self) -> Problem:
        """Return the problem that the asker has no such notification."""
        return Problem(
            NOT_FOUND, f"there is no notification {self.kwargs['notification_id']} of yours"
        )


class NotificationList(NotificationEndpoint):
    """The inbox."""

    rights = {"GET": rights.VIEW_INVENTORY}
    page_representation = NotificationPageRepresentation
    own_parameters = (
        OpenApiParameter("state", OpenApiTypes.STR, enum=list(_STATES), description="Only those."),
        OpenApiParameter("kind", OpenApiTypes.STR, description="Only of that kind of events."),
    )
    orderings = {"occurred_at": by("occurred_at", "id")}
    usual_ordering = "-occurred_at"

    def parameters(self) -> set[str]:
        """Return the names of the query parameters."""
        return super().parameters() | {"limit", "cursor", "ordering"}

    def get(self, request: Request) -> Response:
        """List your notifications, the newest first."""
        asked = page_request(request, self.orderings, usual=self.usual_ordering)
        user = person_of(request)
        inbox_renew(user)
        rows = inbox(user)
        state, kind = (request.query_params.get(name) for name in ("state", "kind"))
        if state is not None:
            if state not in _STATES:
                raise ValidationError({"state": [f"choose one of {', '.join(_STATES)}"]})
            rows = rows.filter(read_at__isnull=state == "unread")
        if kind is not None:
            known = [one.name for one in kinds()]
            if kind not in known:
                raise ValidationError({"kind": [f"choose one of {', '.join(known)}"]})
            rows = rows.filter(kind=kind)
        page = page_of(rows, asked)
        return self.respond_with(page, self.serialized(page.rows, many=True))


class NotificationDetail(NotificationEndpoint):
    """One notification."""

    rights = {"GET": rights.VIEW_INVENTORY}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get one of your notifications."""
        notification_id = kwargs["notification_id"]
        rows = inbox(person_of(request))
        found = rows.filter(pk=notification_id).first() if notification_id <= _LARGEST else None
        if found is None:
            raise self.missing()
        return self.answer(self.serialized(found))


class NotificationRead(NotificationEndpoint):
    """The mark that one was read."""

    rights = {"POST": rights.VIEW_INVENTORY}
    answers = {200: OpenApiResponse(NotificationRepresentation, description="Marked as read.")}

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Mark one of your notifications as read; twice is no error."""
        notification_id = kwargs["notification_id"]
        if notification_id > _LARGEST:
            raise self.missing()
        try:
            one = mark_read(user=person_of(request), notification_id=notification_id, now=self.now)
        except Notification.DoesNotExist:
            raise self.missing() from None
        return Response(self.serialized(one))


class NotificationsRead(NotificationEndpoint):
    """The mark that all were read."""

    rights = {"POST": rights.VIEW_INVENTORY}
    representation = MarkedRepresentation
    answers = {200: OpenApiResponse(MarkedRepresentation, description="How many were unread.")}

    def post(self, request: Request, /) -> Response:
        """Mark as read all that happened by now."""
        marked = mark_all_read(user=person_of(request), until=self.now, now=self.now)
        return Response(self.serialized({"marked": marked}))
