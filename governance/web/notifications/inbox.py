"""The inbox of the person who is signed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from governance.notifications.inbox import (
    inbox,
    inbox_renew,
    mark_all_read,
    mark_many,
    mark_read,
    mark_unread,
    unread_count,
)
from governance.notifications.kinds import kinds, label_of
from governance.notifications.models import Notification
from governance.web.parts.bulk import BulkButton, chosen_keys
from governance.web.parts.filters import FilterChip, choice_chip
from governance.web.parts.lists import page_address
from governance.web.parts.pages import Page
from governance.web.parts.people import person_of
from governance.web.parts.rights_view import Opening, RightsView

_PAGE_SIZE: Final = 50
_STATES: Final = (("unread", "Unread"), ("read", "Read"))
_LINES_SHOWN: Final = 3
MOST_COUNTED: Final = 99


@dataclass(frozen=True, slots=True)
class ShownNotification:
    """A notification as a row. `further`: lines that are folded away."""

    told: Notification
    label: str
    lines: tuple[str, ...]
    further: tuple[str, ...]


def _shown(one: Notification) -> ShownNotification:
    return ShownNotification(
        one,
        label_of(one.kind),
        tuple(one.lines[:_LINES_SHOWN]),
        tuple(one.lines[_LINES_SHOWN:]),
    )


class InboxPage(Page):
    """What the person was told, the newest first, filtered by state, kind and organization."""

    required_right = Opening.SIGNED_IN
    section = "inbox"
    page_title = "Inbox"
    template_name = "governance/notifications/inbox.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the page of notifications and the filters."""
        user, query = person_of(self.request), self.request.GET
        inbox_renew(user)
        everything = inbox(user)
        page = Paginator(self._filtered(everything), _PAGE_SIZE).get_page(query.get("page"))
        chips = self._chips(everything)
        return super().get_context_data(
            rows=page,
            shown=[_shown(one) for one in page],
            chips=chips,
            is_filtered=any(chip.said for chip in chips),
            unread=everything.filter(read_at__isnull=True).count(),
            now=timezone.now(),
            row_noun="notification,notifications",
            bulk_buttons=[
                BulkButton("Mark read", "check", reverse("inbox-mark"), "read"),
                BulkButton("Mark unread", "mail", reverse("inbox-mark"), "unread"),
            ],
            previous_href=page_address(query, page.number - 1) if page.has_previous() else "",
            next_href=page_address(query, page.number + 1) if page.has_next() else "",
            **kwargs,
        )

    def _filtered(self, rows: "QuerySet[Notification]") -> "QuerySet[Notification]":
        """Apply the filters.

        :raises BadRequest: a value in the address is none that a filter knows.
        """
        query = self.request.GET
        state = query.get("state", "")
        if state not in {"", *dict(_STATES)}:
            raise BadRequest(f"state is {state!r}; an inbox is filtered by read or unread.")
        if state:
            rows = rows.filter(read_at__isnull=state == "unread")
        if query.get("kind"):
            rows = rows.filter(kind=query["kind"])
        if query.get("organization"):
            rows = rows.filter(connection__slug=query["organization"])
        return rows

    def _chips(self, rows: "QuerySet[Notification]") -> Sequence[FilterChip]:
        query = self.request.GET
        offered = [(kind.name, kind.label) for kind in kinds()]
        slugs = (
            rows.filter(connection__isnull=False)
            .order_by("connection__name")
            .values_list("connection__slug", "connection__name")
            .distinct()
        )
        return [
            choice_chip(query, "state", "State", _STATES),
            choice_chip(query, "kind", "Kind", offered),
            choice_chip(query, "organization", "Organization", list(slugs)),
        ]


class Bell(Page):
    """The bell of the frame with how many notifications are unread."""

    required_right = Opening.SIGNED_IN
    template_name = "governance/notifications/bell.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the number."""
        unread = unread_count(person_of(self.request))
        shown = f"{MOST_COUNTED}+" if unread > MOST_COUNTED else str(unread)
        return {"unread": unread, "unread_shown": shown}


class NotificationOpen(RightsView):
    """Marks a notification as read and leads to what it is about."""

    required_right = Opening.SIGNED_IN

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Mark it and redirect.

        :raises Http404: the person has none of that id.
        """
        try:
            one = mark_read(
                user=person_of(request),
                notification_id=self.kwargs["notification_id"],
                now=timezone.now(),
            )
        except Notification.DoesNotExist:
            raise Http404("There is no such notification in your inbox.") from None
        inside = url_has_allowed_host_and_scheme(one.path, allowed_hosts=None)
        return HttpResponseRedirect(one.path if one.path and inside else reverse("inbox"))


class NotificationMark(RightsView):
    """Marks a notification as read, or as not read."""

    required_right = Opening.SIGNED_IN
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Mark it as the button says.

        :raises Http404: the person has none of that id.
        """
        user, notification_id = person_of(request), self.kwargs["notification_id"]
        try:
            if request.POST.get("read") == "true":
                mark_read(user=user, notification_id=notification_id, now=timezone.now())
            else:
                mark_unread(user=user, notification_id=notification_id)
        except Notification.DoesNotExist:
            raise Http404("There is no such notification in your inbox.") from None
        return HttpResponseRedirect(_back(request))


class InboxMark(RightsView):
    """Marks the chosen notifications as read, or as not read."""

    required_right = Opening.SIGNED_IN
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Mark them as the button says.

        :raises BadRequest: there is no such button.
        """
        act = request.POST.get("act", "")
        if act not in dict(_STATES):
            raise BadRequest(f"act is {act!r}; it can be {', '.join(dict(_STATES))}.")
        marked = mark_many(
            user=person_of(request),
            notification_ids=[int(one) for one in chosen_keys(request.POST) if one.isdecimal()],
            read=act == "read",
            now=timezone.now(),
        )
        said = "1 notification is" if marked == 1 else f"{marked:,} notifications are"
        messages.success(request, f"{said} marked as {act}.")
        return HttpResponseRedirect(_back(request))


class InboxMarkAllRead(RightsView):
    """Marks as read everything that the page showed or had before it."""

    required_right = Opening.SIGNED_IN
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Mark what happened until the page was made.

        :raises BadRequest: the form names no time.
        """
        try:
            until = datetime.fromisoformat(request.POST.get("until", ""))
        except ValueError:
            raise BadRequest("until is not a time.") from None
        if until.tzinfo is None:
            raise BadRequest("until is a time without a time zone.")
        marked = mark_all_read(user=person_of(request), until=until, now=timezone.now())
        said = "1 notification is" if marked == 1 else f"{marked:,} notifications are"
        messages.success(request, f"{said} marked as read.")
        return HttpResponseRedirect(reverse("inbox"))


def _back(request: HttpRequest) -> str:
    """Return the inbox with the filters that the form came from."""
    query = request.POST.get("query", "")
    address = reverse("inbox")
    return f"{address}?{query}" if query and "\n" not in query and len(query) < 500 else address
