"""The reports that were made, and asking for another."""

from collections.abc import Sequence
from datetime import timedelta
from functools import cached_property
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.access.owners.targets import ACCOUNT, OwnedTarget, target_tree
from governance.reports.making import (
    KEPT_HOURS,
    NoSuchSubtree,
    report_request,
    reportable_targets,
    reports_made,
)
from governance.web.parts.markup import sentence
from governance.web.parts.pages import ConnectionPage, Crumb
from inventory.viewing import sees_whole

_SHOWN: Final = 100
# More accounts than this are no choice of a list: their OU is.
_ACCOUNTS_OFFERED: Final = 100
# A worker gives up after ten minutes; others may stand in the queue before it.
LONGEST_WAIT: Final = timedelta(minutes=20)


class ReportsPage(ConnectionPage):
    """Reports of who sees the same part, and a form that asks for one."""

    required_right = rights.MAKE_REPORT
    section = "reports"
    page_title = "Reports"
    template_name = "governance/reports/list.html"

    def begin(self) -> None:
        """Find the organization; reports are made of what is known now."""
        super().begin()
        self.as_of = None

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the organization and this screen."""
        return [Crumb(self.connection.name), Crumb(self.page_title)]

    @cached_property
    def targets(self) -> list[OwnedTarget]:
        """What this person may have a report of; of many accounts only the one that is chosen."""
        found = reportable_targets(self.by, self.viewer, self.connection)
        accounts = sum(one.kind == ACCOUNT for one in found)
        if accounts <= _ACCOUNTS_OFFERED:
            return found
        return [one for one in found if one.kind != ACCOUNT or one.target_id == self.chosen]

    @property
    def chosen(self) -> str:
        """The root, OU or account that the address names; its pages lead here."""
        return self.request.GET.get("target_id", "")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the choices and the reports."""
        tree = target_tree(self.connection)
        return super().get_context_data(
            choices=[(one.target_id, _label(tree, one)) for one in self.targets],
            chosen=self.chosen,
            reports=[
                {
                    "one": one,
                    "href": self.href("report", job_id=one.pk),
                    "name": tree.by_id[one.target_id].name
                    if one.target_id in tree.by_id
                    else one.target_id,
                    "is_late": one.is_waited_for and one.requested_at < self.now - LONGEST_WAIT,
                }
                for one in reports_made(self.viewer, connection=self.connection, now=self.now)[
                    :_SHOWN
                ]
            ],
            kept_days=KEPT_HOURS // 24,
            hides_part=not sees_whole(self.viewer, self.connection),
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Ask for a report, and lead to it."""
        try:
            job = report_request(
                by=self.by,
                viewer=self.viewer,
                connection=self.connection,
                target_id=request.POST.get("target_id", ""),
                now=self.now,
            )
        except (NoSuchSubtree, MayNot) as error:
            messages.error(request, sentence(error))
            return HttpResponseRedirect(self.href("reports"))
        return HttpResponseRedirect(self.href("report", job_id=job.pk))


def _label(tree: Any, target: OwnedTarget) -> str:
    steps = [one.name for one in tree.upwards(target.target_id)]
    return " / ".join(reversed(steps))
