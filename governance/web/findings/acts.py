"""One act on one finding or many: what it would do first, then the act."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.baseline.structure.adopting import CannotAdoptBaseline
from governance.changes.drift.restoring import change_restore
from governance.changes.life.content import ContentInvalid
from governance.drift.ignoring import IgnoreRuleInvalid
from governance.drift.resolving import CannotResolve, drift_adopt, drift_ignore
from governance.inbox.act_preview import act_preview
from governance.inbox.acting import (
    LONGEST_MUTE_DAYS,
    LONGEST_SNOOZE_DAYS,
    findings_assign,
    findings_export,
    findings_mute,
    findings_return,
    findings_snooze,
)
from governance.inbox.acting_rules import (
    CannotActOnFinding,
    DoneWithFindings,
    NoSuchFinding,
    assignable_people,
)
from governance.inbox.models import InboxItem
from governance.inbox.refreshing import refresh_inbox
from governance.inbox.selectors import inbox_items
from governance.notifications.people import people_holding
from governance.web.findings.frame import FindingScreen
from governance.web.findings.rows import finding_rows
from governance.web.parts.markup import sentence
from governance.web.parts.pages import Crumb, Tab

REFUSALS: Final = (
    *(CannotActOnFinding, CannotResolve, CannotAdoptBaseline, IgnoreRuleInvalid, MayNot),
    *(ContentInvalid,),
)
_SHOWN: Final = 20
_TITLES: Final[Mapping[str, str]] = {
    "assign": "Assign",
    "snooze": "Snooze",
    "mute": "Mute",
    "return": "Open again",
    "export": "Send to tickets",
    "adopt": "Adopt",
    "ignore": "Ignore",
    "revert": "Revert",
}
_DONE: Final[Mapping[str, str]] = {
    "assign": "assigned",
    "snooze": "snoozed",
    "mute": "muted",
    "return": "open again",
    "export": "sent",
    "adopt": "adopted",
    "ignore": "ignored",
    "revert": "to be reverted",
}
_USUAL_DAYS: Final = {"snooze": 7, "mute": 90, "ignore": 90}


class FindingActPage(FindingScreen):
    """The form of one act with what it reaches; POST does it. `item`: as often as findings."""

    required_right = rights.VIEW_FINDINGS
    post_right = rights.WORK_ON_FINDINGS
    template_name = "governance/findings/act.html"

    @property
    def given(self) -> Any:
        """Where the act and the findings are named: the form, or the address."""
        return self.request.POST if self.request.method == "POST" else self.request.GET

    @cached_property
    def act(self) -> str:
        """What is to be done.

        :raises BadRequest: there is no such act.
        """
        wanted = self.given.get("act", "assign")
        if wanted not in _TITLES:
            raise BadRequest(f"act is {wanted!r}; it can be {', '.join(_TITLES)}.")
        return str(wanted)

    @cached_property
    def item_ids(self) -> list[int]:
        """The findings that are chosen."""
        return [int(one) for one in self.given.getlist("item") if one.isdecimal()][:1001]

    def get_title(self) -> str:
        """Say what is to be done with how many."""
        count = len(self.item_ids)
        noun = "finding" if count == 1 else "findings"
        if self.act == "export":
            return f"Send {count:,} {noun} to tickets"
        if self.act == "return":
            return f"Open {count:,} {noun} again"
        return f"{_TITLES[self.act]} {count:,} {noun}"

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the inbox and this act."""
        return [Crumb("Findings", self.href("findings")), Crumb(_TITLES[self.act])]

    def get_tabs(self) -> Sequence[Tab]:
        """Show none."""
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the act would do, and the fields it needs."""
        preview, problem = None, ""
        try:
            preview = act_preview(
                by=self.by,
                viewer=self.viewer,
                connection=self.connection,
                item_ids=self.item_ids,
                act=self.act,
            )
        except CannotActOnFinding as error:
            problem = sentence(error)
        rows = inbox_items(self.viewer, connection=self.connection).filter(pk__in=self.item_ids)
        ordered = rows.order_by("severity_rank", "first_seen_at", "pk")
        today = self.now.date()
        most = LONGEST_SNOOZE_DAYS if self.act == "snooze" else LONGEST_MUTE_DAYS
        return super().get_context_data(
            act=self.act,
            verb=_TITLES[self.act],
            item_ids=self.item_ids,
            preview=preview,
            problem=problem,
            severities=[
                (severity.value, preview.by_severity[severity.value])
                for severity in InboxItem.InboxSeverity
                if preview is not None and severity.value in preview.by_severity
            ],
            rows=finding_rows(
                self.viewer, ordered[:_SHOWN], connection=self.connection, now=self.now
            ),
            more=max(0, len(self.item_ids) - _SHOWN),
            people=self.people() if self.act == "assign" else (),
            first_day=today + timedelta(days=1),
            last_day=today + timedelta(days=most),
            usual_day=today + timedelta(days=_USUAL_DAYS.get(self.act, 7)),
            selection_href=self.href("findings")
            + "?"
            + "&".join(f"id={one}" for one in self.item_ids),
            **kwargs,
        )

    def people(self) -> list[User]:
        """Return those who may be given findings here."""
        return assignable_people(self.connection, people_holding(rights.VIEW_FINDINGS))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Do it, or say why not."""
        back = self.href("findings")
        if len(self.item_ids) == 1:
            back = self.href("finding-item", item_id=self.item_ids[0])
        if self.act == "revert":
            return self.revert()
        try:
            done = self.do()
        except NoSuchFinding as error:
            messages.error(request, sentence(error))
            return HttpResponseRedirect(self.href("findings"))
        except REFUSALS as error:
            messages.error(request, sentence(error))
            again = "&".join(f"item={one}" for one in self.item_ids)
            return HttpResponseRedirect(f"{self.href('finding-act')}?act={self.act}&{again}")
        messages.success(request, _said(done, self.act))
        return HttpResponseRedirect(back)

    def do(self) -> DoneWithFindings:
        """Do what the form says."""
        shared: dict[str, Any] = {
            "by": self.by,
            "viewer": self.viewer,
            "connection": self.connection,
            "item_ids": self.item_ids,
            "now": self.now,
        }
        form = self.request.POST
        acts: Mapping[str, Callable[[], DoneWithFindings]] = {
            "assign": lambda: findings_assign(assignee=self.assignee(), **shared),
            "snooze": lambda: findings_snooze(
                until=_day(form.get("until", "")), reason=form.get("reason", ""), **shared
            ),
            "mute": lambda: findings_mute(
                until=_day(form.get("until", "")), reason=form.get("reason", ""), **shared
            ),
            "return": lambda: findings_return(**shared),
            "adopt": self.adopt,
            "ignore": self.ignore,
            "export": lambda: findings_export(way=form.get("way", ""), **shared),
        }
        return acts[self.act]()

    def drift_ids(self) -> list[int]:
        """Return the drift that the chosen findings are about.

        :raises CannotActOnFinding: none of them is drift.
        """
        rows = inbox_items(self.viewer, connection=self.connection).filter(
            pk__in=self.item_ids, source=InboxItem.Source.DRIFT
        )
        found = [int(detail["drift_id"]) for detail in rows.values_list("detail", flat=True)]
        if not found:
            raise CannotActOnFinding("choose drift")
        return found

    def adopt(self) -> DoneWithFindings:
        """Have the baseline say what was collected."""
        drift_adopt(
            by=self.by,
            connection=self.connection,
            item_ids=self.drift_ids(),
            reason=self.request.POST.get("reason", ""),
            now=self.now,
        )
        return self.done_with_drift()

    def ignore(self) -> DoneWithFindings:
        """Create a rule that ignores such drift there."""
        drift_ignore(
            by=self.by,
            connection=self.connection,
            item_ids=self.drift_ids(),
            reason=self.request.POST.get("reason", ""),
            until=_day(self.request.POST.get("until", "")),
            now=self.now,
        )
        return self.done_with_drift()

    def done_with_drift(self) -> DoneWithFindings:
        """Bring the inbox up to what became of the drift."""
        refresh_inbox(self.connection, now=self.now, sources={InboxItem.Source.DRIFT.value})
        return DoneWithFindings(done=list(self.item_ids))

    def revert(self) -> HttpResponseBase:
        """Draft a change request that brings the desired side back, and lead to it."""
        try:
            change = change_restore(
                by=self.by,
                connection=self.connection,
                item_ids=self.drift_ids(),
                reason=self.request.POST.get("reason", ""),
                now=self.now,
            )
        except REFUSALS as error:
            messages.error(self.request, sentence(error))
            return HttpResponseRedirect(self.href("findings"))
        messages.success(self.request, "Draft created. Read it, then submit it for approval.")
        return HttpResponseRedirect(self.href("change-request", number=change.number))

    def assignee(self) -> User | None:
        """Return whom the form names; None: nobody.

        :raises CannotActOnFinding: there is no such person.
        """
        name = self.request.POST.get("assignee", "")
        if not name:
            return None
        found = User.objects.filter(username=name, is_active=True).first()
        if found is None:
            raise CannotActOnFinding(f"no person is called {name}")
        return found


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CannotActOnFinding("choose a day, such as 2026-12-31") from None


def _said(done: DoneWithFindings, act: str) -> str:
    count = len(done.done)
    said = f"{count:,} {'finding is' if count == 1 else 'findings are'} {_DONE[act]}."
    if done.passed_over:
        left = "; ".join(f"{n:,}: {reason}" for reason, n in done.passed_over.items())
        said += f" Left as they are: {left}."
    return said
