"""What the screens of findings share: tabs with counts, who looks."""

from collections.abc import Sequence
from functools import cached_property
from typing import ClassVar, Final

from governance.access import rights
from governance.drift.selectors import ignore_rules
from governance.inbox.models import InboxItem
from governance.inbox.selectors import InboxCounts, inbox_counts
from governance.web.parts.pages import ConnectionPage, Crumb, Tab

SOURCE_ICONS: Final = {
    InboxItem.Source.STRUCTURE: "sitemap",
    InboxItem.Source.TRUST: "arrows-right-left",
    InboxItem.Source.GUARDRAIL: "shield-x",
    InboxItem.Source.DRIFT: "git-compare",
    InboxItem.Source.LANDING_ZONE: "building-broadcast-tower",
    InboxItem.Source.DETECTION: "radar",
}


class FindingScreen(ConnectionPage):
    """A screen of the inbox, as of now. `tab`: which is lit: all, a source, or timeline."""

    required_right = rights.VIEW_FINDINGS
    section = "findings"
    page_title = "Findings"
    tab: ClassVar[str] = ""

    def begin(self) -> None:
        """Find the organization; findings are shown as of now."""
        super().begin()
        self.as_of = None

    @cached_property
    def counts(self) -> InboxCounts:
        """How many findings are not resolved."""
        return inbox_counts(self.viewer, connection=self.connection, now=self.now)

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the inbox, and this screen where it is another."""
        title = self.get_title()
        if title == FindingScreen.page_title:
            return [Crumb(title)]
        return [Crumb(FindingScreen.page_title, self.href("findings")), Crumb(title)]

    def lit_tab(self) -> str:
        """Return the key of the tab that is lit."""
        return self.tab

    def get_tabs(self) -> Sequence[Tab]:
        """Return all, each source, the timeline and the ignore rules."""
        findings, lit = self.href("findings"), self.lit_tab()
        tabs = [
            Tab("All", findings, self.counts.total, lit == "all"),
            *(
                Tab(
                    str(source.label),
                    f"{findings}?source={source.value}",
                    self.counts.by_source[source.value],
                    lit == source.value,
                )
                for source in InboxItem.Source
            ),
            Tab("Timeline", self.href("finding-timeline"), None, lit == "timeline"),
        ]
        if self.may(rights.VIEW_IGNORE_RULES, None):
            rules = self.href("ignore-rules")
            held = ignore_rules(self.viewer, connection=self.connection, ended=False).count()
            tabs.append(Tab("Ignore rules", rules, held, lit == "ignore_rules"))
        return tabs
