"""One finding at its own address, and as the panel beside the list."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.inbox.acting import finding_comment
from governance.inbox.acting_rules import CannotActOnFinding
from governance.inbox.models import InboxItem
from governance.inbox.selectors import inbox_item
from governance.inbox.shown import FindingsShown
from governance.web.findings.frame import FindingScreen
from governance.web.findings.panel import finding_panel
from governance.web.parts.markup import sentence
from governance.web.parts.pages import Crumb, Tab
from inventory.selectors.freshness import FINDING_TABLES


class FindingReading(FindingScreen):
    """What the page and the panel share. Sets `item`."""

    required_right = rights.VIEW_FINDINGS
    shows_tables = FINDING_TABLES
    item: InboxItem

    def begin(self) -> None:
        """Find the finding.

        :raises Http404: there is none of this number that this person may see.
        """
        super().begin()
        number = self.kwargs["item_id"]
        found = inbox_item(self.viewer, connection=self.connection, item_id=number)
        if found is None:
            raise Http404(f"There is no finding {number} here.")
        self.item = found

    def shown_account_id(self) -> str | None:
        """Return the account that the finding is about, if it is one."""
        return self.item.account_id or None

    def get_tabs(self) -> Sequence[Tab]:
        """Show none: this is one finding."""
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the finding is."""
        return super().get_context_data(
            panel=finding_panel(self, self.item),
            may_work=self.may(rights.WORK_ON_FINDINGS, None),
            **kwargs,
        )


class FindingItemPanel(FindingReading):
    """The panel beside the list, read when somebody selects a row."""

    required_right = rights.VIEW_FINDINGS
    template_name = "governance/findings/panel.html"


class FindingItemPage(FindingReading):
    """The finding with its history; takes comments."""

    required_right = rights.VIEW_FINDINGS
    post_right = rights.WORK_ON_FINDINGS
    template_name = "governance/findings/item.html"

    def get_title(self) -> str:
        """Return the finding as a sentence."""
        return FindingsShown(self.viewer, self.connection).of(self.item).title

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the inbox and this finding."""
        label = str(self.item.detail.get("label") or self.item.get_source_display())
        return [Crumb("Findings", self.href("findings")), Crumb(label)]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Add a comment."""
        try:
            finding_comment(
                by=self.by,
                viewer=self.viewer,
                connection=self.connection,
                item_ids=[self.item.pk],
                text=request.POST.get("text", ""),
                now=self.now,
            )
        except (CannotActOnFinding, MayNot) as error:
            messages.error(request, sentence(error))
        else:
            messages.success(request, "Comment added.")
        return HttpResponseRedirect(self.href("finding-item", item_id=self.item.pk))
