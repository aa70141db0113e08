"""What a person chose: which events, by which ways, where and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from governance.access.viewers import holds
from governance.notifications.chat import ChatFailed, ChatRefused, chat_send
from governance.notifications.choices import (
    ChoiceInvalid,
    PersonChoices,
    chat_add,
    chat_remove,
    choices_of,
    choices_save,
)
from governance.notifications.kinds import EventKind, kinds
from governance.notifications.models import ChatAddress, NotificationWay
from governance.notifications.people import time_zone_of
from governance.notifications.sealing import (
    CannotOpen,
    SealingUnavailable,
    is_sealing_possible,
    unseal,
)
from governance.web.notifications.forms import ChatForm, TimingForm, field_of
from governance.web.parts.pages import Crumb, Page
from governance.web.parts.people import person_of
from governance.web.parts.rights_view import Opening, RightsView


@dataclass(frozen=True, slots=True)
class ChoiceCell:
    """One box of the table. `key`: its name in the form."""

    key: str
    label: str
    chosen: bool
    possible: bool


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """One kind of events."""

    kind: EventKind
    cells: tuple[ChoiceCell, ...]


def offered_kinds(user: User) -> list[EventKind]:
    """Return the kinds that a person may be notified of."""
    return [
        kind for kind in kinds() if not isinstance(kind.audience, str) or holds(user, kind.audience)
    ]


def choice_groups(user: User, choices: PersonChoices) -> list[tuple[str, list[ChoiceRow]]]:
    """Return the rows of the table by their headings."""
    groups: dict[str, list[ChoiceRow]] = {}
    for kind in offered_kinds(user):
        chosen = choices.ways_of(kind.name)
        cells = tuple(
            ChoiceCell(
                key=f"{kind.name}:{way}",
                label=way.label,
                chosen=way in chosen,
                possible=_possible(user, way, choices),
            )
            for way in NotificationWay
        )
        groups.setdefault(kind.group, []).append(ChoiceRow(kind, cells))
    return list(groups.items())


def _possible(user: User, way: NotificationWay, choices: PersonChoices) -> bool:
    if way is NotificationWay.MAIL:
        return settings.MAIL_IS_SENT and bool(user.email)
    return way is NotificationWay.INBOX or bool(choices.chats)


class ChoicesPage(Page):
    """The table of kinds and ways, when to be told, and places in chats."""

    required_right = Opening.SIGNED_IN
    section = "inbox"
    page_title = "Notification settings"
    template_name = "governance/notifications/choices.html"

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the inbox and this page."""
        return [Crumb("Inbox", reverse("inbox")), Crumb(self.page_title)]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show what is chosen."""
        return self.show()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep what was chosen, or say by field what is wrong."""
        user = person_of(request)
        form = TimingForm(request.POST, zone=_zone_name(user))
        if not form.is_valid():
            return self.show(timing=form)
        choices = choices_of([user])[user.pk]
        ways = {kind.name: _chosen(request, user, kind, choices) for kind in offered_kinds(user)}
        try:
            choices_save(
                user=user,
                ways=ways,
                grouping_minutes=form.cleaned_data["grouping_minutes"],
                quiet=form.quiet(),
            )
        except ChoiceInvalid as error:
            form.add_error(field_of(error.field, list(form.fields)), _sentence(error))
            return self.show(timing=form)
        messages.success(request, "Your notification settings are saved.")
        return HttpResponseRedirect(reverse("notification-choices"))

    def show(
        self, *, timing: TimingForm | None = None, chat: ChatForm | None = None
    ) -> HttpResponseBase:
        """Show the page with forms as they are, or as they are kept."""
        user = person_of(self.request)
        choices = choices_of([user])[user.pk]
        answer: HttpResponseBase = self.render_to_response(
            self.get_context_data(
                timing=timing or _timing_form(user, choices),
                chat_form=chat or ChatForm(),
                chats=choices.chats,
                groups=choice_groups(user, choices),
                ways=[way.label for way in NotificationWay],
                mail_is_sent=settings.MAIL_IS_SENT,
                mail_address=user.email,
                sealing_possible=is_sealing_possible(),
            )
        )
        return answer


class ChatAdd(ChoicesPage):
    """Adds a place in a chat."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep it, or say by field what is wrong."""
        form = ChatForm(request.POST)
        if not form.is_valid():
            return self.show(chat=form)
        try:
            chat = chat_add(
                user=person_of(request),
                name=form.cleaned_data["name"],
                url=form.cleaned_data["url"],
                now=timezone.now(),
            )
        except ChoiceInvalid as error:
            form.add_error(field_of(error.field, list(form.fields)), _sentence(error))
            return self.show(chat=form)
        except SealingUnavailable as error:
            form.add_error(None, _sentence(error))
            return self.show(chat=form)
        messages.success(
            request, f"{chat.name} is added. Send a test, then choose what goes there."
        )
        return HttpResponseRedirect(reverse("notification-choices"))


class ChatTest(RightsView):
    """Sends a test to a place of the person's own."""

    required_right = Opening.SIGNED_IN
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send it and say what came of it.

        :raises Http404: the person has no such place.
        """
        chat = ChatAddress.objects.filter(
            user=person_of(request), pk=self.kwargs["chat_id"]
        ).first()
        if chat is None:
            raise Http404("You have no such place.")
        try:
            chat_send(
                unseal(chat.sealed_url, purpose="chat address"),
                title="Test by Orgwarden",
                body="Notifications will come here.",
            )
        except (ChatRefused, ChatFailed, CannotOpen) as error:
            messages.error(request, f"The test to {chat.name} failed: {error}.")
        else:
            messages.success(request, f"A test was sent to {chat.name}.")
        return HttpResponseRedirect(reverse("notification-choices"))


class ChatRemove(RightsView):
    """Removes a place of the person's own."""

    required_right = Opening.SIGNED_IN
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Remove it with what waits to be sent there.

        :raises Http404: the person has no such place.
        """
        if not chat_remove(user=person_of(request), chat_id=self.kwargs["chat_id"]):
            raise Http404("You have no such place.")
        messages.success(request, "The place is removed.")
        return HttpResponseRedirect(reverse("notification-choices"))


def _chosen(
    request: HttpRequest, user: User, kind: EventKind, choices: PersonChoices
) -> frozenset[NotificationWay]:
    """Return the ways that are ticked; a box that could not be ticked stays as it was."""
    before = choices.ways_of(kind.name)
    return frozenset(
        way
        for way in NotificationWay
        if (
            f"{kind.name}:{way}" in request.POST if _possible(user, way, choices) else way in before
        )
    )


def _timing_form(user: User, choices: PersonChoices) -> TimingForm:
    timing = choices.timing
    begins, ends = timing.quiet or (None, None)
    return TimingForm(
        zone=_zone_name(user),
        initial={
            "grouping_minutes": int(timing.grouping.total_seconds() // 60),
            "quiet_from": begins,
            "quiet_until": ends,
        },
    )


def _zone_name(user: User) -> str:
    return str(time_zone_of(user))


def _sentence(error: Exception) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
