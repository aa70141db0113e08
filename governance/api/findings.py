"""/findings: the inbox of what structure, trust, guardrails, drift and landing zone found."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.contrib.auth.models import User
from django.urls import reverse as page_address
from drf_spectacular.utils import OpenApiResponse, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.api.parts.endpoints import OrganizationEndpoint
from governance.api.parts.list_endpoint import ListEndpoint, by
from governance.api.parts.problems import CONFLICT, NOT_FOUND, PERMISSION_DENIED, Problem
from governance.api.parts.representations import BodyRepresentation, Representation, read_body
from governance.filtering.findings import FindingFilters
from governance.inbox.act_preview import act_preview
from governance.inbox.acting import (
    LONGEST_COMMENT,
    finding_comment,
    findings_assign,
    findings_export,
    findings_mute,
    findings_return,
    findings_snooze,
)
from governance.inbox.acting_rules import (
    MOST_AT_ONCE,
    CannotActOnFinding,
    DoneWithFindings,
    NoSuchFinding,
)
from governance.inbox.models import InboxEvent, InboxItem
from governance.inbox.selectors import (
    inbox_item,
    inbox_items,
    inbox_readings,
    item_events,
)
from governance.inbox.shown import FindingsShown, VisibleFinding
from inventory.selectors.freshness import FINDING_TABLES

_TOPIC: Final = "Findings"
_ACTS: Final = ("assign", "snooze", "mute", "return", "comment", "export")
_EVENTS_SHOWN: Final = 500
_PREVIEWED: Final = frozenset({"assign", "snooze", "mute", "return", "export"})


class FindingRepresentation(Representation):
    """One finding."""

    id = serializers.IntegerField(source="pk")
    url = serializers.SerializerMethodField()
    source = serializers.ChoiceField(choices=InboxItem.Source.choices)  # type: ignore[assignment]
    kind = serializers.CharField(help_text="Its code at its source.")
    source_key = serializers.SerializerMethodField(
        help_text="Its id at its source; empty: with what lies outside your access."
    )
    severity = serializers.ChoiceField(choices=InboxItem.InboxSeverity.choices)
    title = serializers.SerializerMethodField(help_text="The finding as a sentence.")
    state = serializers.ChoiceField(choices=InboxItem.State.choices)
    verified = serializers.BooleanField(
        help_text="False: the data it is based on cannot be read now."
    )
    target_kind = serializers.CharField()
    target_id = serializers.SerializerMethodField(
        help_text="Empty: in an account outside your access; `target_name` is, too."
    )
    target_name = serializers.SerializerMethodField()
    account_id = serializers.SerializerMethodField(
        help_text="Null: of no single account, or of one outside your access."
    )
    accounts = serializers.SerializerMethodField(
        help_text="How many accounts it concerns, of those that you may see."
    )
    accounts_outside = serializers.SerializerMethodField(
        help_text="True: it concerns accounts outside your access, too."
    )
    environment = serializers.SerializerMethodField(help_text="Null: not known.")
    assignee = serializers.SerializerMethodField(help_text="A username; null: nobody.")
    snoozed_until = serializers.DateField(allow_null=True)
    excepted_until = serializers.DateField(allow_null=True)
    set_aside_for = serializers.CharField(help_text="Why it is snoozed or muted; may be empty.")
    first_seen_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    resolved_at = serializers.DateTimeField(allow_null=True)
    reopened = serializers.IntegerField(help_text="How often it recurred.")
    remedy = serializers.SerializerMethodField(help_text="What to do; may be empty.")
    page = serializers.SerializerMethodField(help_text="The same on a screen.")

    def get_url(self, item: InboxItem) -> str:
        """Return the finding's address."""
        return reverse(
            "api:finding-item",
            kwargs={"slug": self.context["slug"], "item_id": item.pk},
            request=self.context["request"],
        )

    def get_account_id(self, item: InboxItem) -> str | None:
        """Return the one account it is in."""
        return self._named(item, item.account_id) or None

    def get_source_key(self, item: InboxItem) -> str:
        """Return its name at its source."""
        return self._named(item, item.source_key)

    def get_target_id(self, item: InboxItem) -> str:
        """Return what it is about."""
        return self._named(item, item.target_id)

    def get_target_name(self, item: InboxItem) -> str:
        """Return the name of what it is about."""
        return self._named(item, item.target_name)

    def get_title(self, item: InboxItem) -> str:
        """Return what was found."""
        return self._shown(item).title

    def get_accounts(self, item: InboxItem) -> int:
        """Count the accounts."""
        return self._shown(item).accounts

    def get_accounts_outside(self, item: InboxItem) -> bool:
        """Return whether there are others."""
        return self._shown(item).has_more

    def _named(self, item: InboxItem, value: str) -> str:
        return "" if self._shown(item).target_is_hidden else value

    def _shown(self, item: InboxItem) -> VisibleFinding:
        shown: FindingsShown = self.context["shown"]
        return shown.of(item)

    def get_environment(self, item: InboxItem) -> str | None:
        """Return the environment of its place."""
        return item.environment or None

    def get_assignee(self, item: InboxItem) -> str | None:
        """Return whose it is."""
        return item.assignee.get_username() if item.assignee else None

    def get_remedy(self, item: InboxItem) -> str:
        """Return what to do."""
        return str(item.detail.get("remedy") or "")

    def get_page(self, item: InboxItem) -> str:
        """Return the address of its page."""
        named = {"slug": self.context["slug"], "item_id": item.pk}
        request = self.context["request"]
        found: str = request.build_absolute_uri(page_address("finding-item", kwargs=named))
        return found


class FindingEventRepresentation(serializers.Serializer[Any]):
    """One thing that happened to a finding."""

    at = serializers.DateTimeField()
    what = serializers.ChoiceField(choices=InboxEvent.What.choices)
    actor = serializers.SerializerMethodField(help_text="A username; null: Orgwarden.")
    text = serializers.CharField(help_text="A comment or a reason; may be empty.")
    detail = serializers.JSONField()

    def get_actor(self, event: InboxEvent) -> str | None:
        """Return who did it."""
        return event.actor.get_username() if event.actor else None


class FindingDetailRepresentation(FindingRepresentation):
    """One finding with its history."""

    history = serializers.SerializerMethodField(help_text="The latest first.")

    @extend_schema_field(FindingEventRepresentation(many=True))
    def get_history(self, item: InboxItem) -> Any:
        """Return what happened to it."""
        return FindingEventRepresentation(item_events(item)[:_EVENTS_SHOWN], many=True).data


class FindingList(ListEndpoint):
    """The findings of an organization."""

    topic = _TOPIC
    takes_as_of = False
    rights = {"GET": rights.VIEW_FINDINGS}
    representation = FindingRepresentation
    shows_tables = FINDING_TABLES
    queryset = InboxItem.objects.none()
    collectors = ()
    filterset_class = FindingFilters
    orderings = {
        "severity": by("severity_rank", "first_seen_at", "id"),
        "state": by("state", "first_seen_at", "id"),
        "first_seen_at": by("first_seen_at", "id"),
        "last_seen_at": by("last_seen_at", "id"),
        "due_at": by("due_at", "id", nullable=True),
    }
    usual_ordering = "severity"

    def rows(self) -> Any:
        """Return the findings."""
        return inbox_items(self.viewer, connection=self.connection)

    def context(self, rows: Sequence[Any]) -> Mapping[str, Any]:
        """Return who looks where."""
        shown = FindingsShown(self.viewer, self.connection)
        return {"slug": self.connection.slug, "shown": shown}

    def was_read(self) -> bool:
        """Whether any source was read."""
        return bool(inbox_readings(self.connection))

    def get(self, request: Request, **kwargs: str) -> Response:
        """List what was found, the worst first.

        Resolved findings are left out unless `state` asks for them. A finding is resolved only
        once its source no longer finds it; one whose account cannot be read stays, not verified.
        """
        return self.respond()


class FindingDetail(OrganizationEndpoint):
    """One finding."""

    topic = _TOPIC
    rights = {"GET": rights.VIEW_FINDINGS}
    representation = FindingDetailRepresentation
    shows_tables = FINDING_TABLES
    item: InboxItem

    def shown_account_id(self) -> str | None:
        """Return the account that the finding is about, if it is one."""
        return self.item.account_id or None

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get one finding with its history."""
        number = kwargs["item_id"]
        item = inbox_item(self.viewer, connection=self.connection, item_id=number)
        if item is None:
            raise self.missing(f"finding {number} that you may see")
        self.item = item
        shown = FindingsShown(self.viewer, self.connection)
        return self.answer(self.serialized(item, slug=self.connection.slug, shown=shown))


class NewFindingActRepresentation(BodyRepresentation):
    """One act on one finding or many."""

    act = serializers.ChoiceField(choices=_ACTS)
    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        min_length=1,
        max_length=MOST_AT_ONCE,
        help_text="Of the findings.",
    )
    assignee = serializers.CharField(
        required=False, allow_null=True, max_length=150, help_text="For assign; null: nobody."
    )
    until = serializers.DateField(required=False, help_text="For snooze and mute.")
    reason = serializers.CharField(
        required=False, allow_blank=True, max_length=500, help_text="Needed for mute."
    )
    text = serializers.CharField(
        required=False, max_length=LONGEST_COMMENT, help_text="For comment."
    )
    way = serializers.ChoiceField(
        choices=["webhook", "mail"], required=False, help_text="For export."
    )
    dry_run = serializers.BooleanField(
        default=False, help_text="Only return what it would do; not for comment."
    )


class FindingActRepresentation(Representation):
    """What came of an act."""

    applied = serializers.BooleanField()
    findings = serializers.IntegerField(help_text="How many it changed, or would change.")
    ids = serializers.ListField(child=serializers.IntegerField(), help_text="Those it changed.")
    passed_over = serializers.DictField(
        child=serializers.IntegerField(), help_text="Why others stay as they are → how many."
    )


class FindingActs(OrganizationEndpoint):
    """What people do with findings."""

    topic = _TOPIC
    rights = {"POST": rights.WORK_ON_FINDINGS}
    representation = FindingActRepresentation
    takes = NewFindingActRepresentation
    answers = {200: OpenApiResponse(FindingActRepresentation(), description="Done, or previewed.")}

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Assign, snooze, mute, open again, comment on or export findings, up to 1,000 at once.

        `mute` is for structure and trust; guardrails have exceptions, drift is excepted there.
        """
        values = read_body(NewFindingActRepresentation, request)
        try:
            if values["dry_run"]:
                return self.preview(values)
            done = self.do(values)
        except MayNot as error:
            raise Problem(PERMISSION_DENIED, str(error)) from error
        except NoSuchFinding as error:
            raise Problem(NOT_FOUND, str(error)) from error
        except CannotActOnFinding as error:
            raise Problem(CONFLICT, str(error)) from error
        return Response(
            self.serialized(
                {
                    "applied": True,
                    "findings": len(done.done),
                    "ids": done.done,
                    "passed_over": done.passed_over,
                }
            )
        )

    def preview(self, values: Mapping[str, Any]) -> Response:
        """Get what an act would do.

        :raises ValidationError: of a comment there is nothing to say.
        """
        if values["act"] not in _PREVIEWED:
            raise ValidationError({"dry_run": [f"{values['act']} has no preview"]})
        found = act_preview(
            by=self.by,
            viewer=self.viewer,
            connection=self.connection,
            item_ids=values["ids"],
            act=values["act"],
        )
        return Response(
            self.serialized(
                {
                    "applied": False,
                    "findings": found.findings,
                    "ids": [],
                    "passed_over": found.passed_over,
                }
            )
        )

    def do(self, values: Mapping[str, Any]) -> DoneWithFindings:
        """Do what is asked.

        :raises ValidationError: a member that the act needs is missing.
        """
        shared: dict[str, Any] = {
            "by": self.by,
            "viewer": self.viewer,
            "connection": self.connection,
            "item_ids": values["ids"],
            "now": self.now,
        }
        match values["act"]:
            case "assign":
                return findings_assign(assignee=self.assignee(values), **shared)
            case "snooze":
                until, reason = _needed(values, "until"), values.get("reason", "")
                return findings_snooze(until=until, reason=reason, **shared)
            case "mute":
                until, reason = _needed(values, "until"), _needed(values, "reason")
                return findings_mute(until=until, reason=reason, **shared)
            case "return":
                return findings_return(**shared)
            case "comment":
                return finding_comment(text=_needed(values, "text"), **shared)
            case _:
                return findings_export(way=_needed(values, "way"), **shared)

    @staticmethod
    def assignee(values: Mapping[str, Any]) -> User | None:
        """Return whom the body names; None: nobody.

        :raises ValidationError: it names nobody that there is.
        """
        name = _needed(values, "assignee")
        if name is None:
            return None
        found = User.objects.filter(username=name, is_active=True).first()
        if found is None:
            raise ValidationError({"assignee": [f"no person is called {name}"]})
        return found


def _needed(values: Mapping[str, Any], name: str) -> Any:
    if name not in values:
        raise ValidationError({name: [f"{values['act']} needs this"]})
    return values[name]
