"""What the tabs of a change request share: its title with state, facts, steps and tabs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django.http import Http404
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html

from governance.access import rights
from governance.changes.life.selectors import change_request_find
from governance.changes.models import ChangeRequest
from governance.web.changes.stages import RequestStage, stages
from governance.web.parts.ages import ago, exact
from governance.web.parts.names import both_ends
from governance.web.parts.pages import ConnectionPage, Crumb, Fact, Tab
from governance.web.parts.people import name_of


@dataclass(frozen=True, slots=True)
class RequestTab:
    """A tab of a request. `key`: what a page names in `tab`."""

    key: str
    label: str
    url_name: str


# A tab whose address does not exist is left out.
TABS: Final = (
    RequestTab("overview", "Overview", "change-request"),
    RequestTab("changes", "Changes", "change-request-changes"),
    RequestTab("evidence", "Evidence", "change-request-evidence"),
    RequestTab("discussion", "Discussion", "change-request-discussion"),
    RequestTab("rollout", "Rollout", "change-request-rollout"),
)


def request_label(number: int) -> str:
    """Return how a request is called: `CR-214`."""
    return f"CR-{number}"


def request_href(slug: str, number: int, url_name: str = "change-request") -> str:
    """Return the address of a request's page, or of another of its tabs."""
    return reverse(url_name, kwargs={"slug": slug, "number": number})


class ChangeRequestPage(ConnectionPage):
    """A tab of one change request, whose number is in the address.

    Sets `change_request`. `tab`: the key of the tab that is lit, of those in `TABS`. Templates
    extend `governance/changes/frame.html` and fill `main` and, where wanted, `side`.
    """

    required_right = rights.VIEW_CHANGES
    section = "changes"
    tab: ClassVar[str] = ""
    change_request: ChangeRequest

    def begin(self) -> None:
        """Find the request.

        :raises Http404: this organization has none with this number.
        """
        super().begin()
        number = self.kwargs["number"]
        found = change_request_find(self.viewer, connection=self.connection, number=number)
        if found is None:
            raise Http404(f"There is no change request {request_label(number)} here.")
        self.change_request = found

    def tab_href(self, url_name: str = "change-request") -> str:
        """Return the address of this request's page, or of another of its tabs."""
        return request_href(self.connection.slug, self.change_request.number, url_name)

    def get_title(self) -> str:
        """Return the request's title."""
        return self.change_request.title

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the queue and this request."""
        queue = reverse("change-requests", kwargs={"slug": self.connection.slug})
        return [Crumb("Changes", queue), Crumb(request_label(self.change_request.number))]

    def get_facts(self) -> Sequence[Fact]:
        """Say whose it is, when it was edited, until when it stands, and what is bound."""
        asked = self.change_request
        facts = [
            Fact("By", name_of(asked.author)),
            Fact("Edited", _moment(asked.updated_at, self)),
        ]
        if asked.expires_at is not None:
            facts.append(Fact("Expires", _moment(asked.expires_at, self)))
        if asked.revert_at is not None:
            facts.append(Fact("Reverts", _moment(asked.revert_at, self)))
        if asked.applied == ChangeRequest.Applied.ELSEWHERE:
            facts.append(Fact("Applied", "elsewhere"))
        if asked.plan_sha256:
            facts.append(
                Fact(
                    "Plan",
                    format_html(
                        '<span class="mono" title="sha256:{0}">sha256:{1}</span>',
                        asked.plan_sha256,
                        both_ends(asked.plan_sha256),
                    ),
                    wide_only=True,
                )
            )
        return facts

    def tab_counts(self) -> dict[str, int]:
        """Return the counts that the tabs show, by key."""
        asked = self.change_request
        return {
            "changes": len(asked.operations),
            "discussion": asked.comments.count(),
            "rollout": len(asked.rings),
        }

    def get_tabs(self) -> Sequence[Tab]:
        """Return the tabs that exist."""
        counts = self.tab_counts()
        found = []
        for one in TABS:
            try:
                href = self.tab_href(one.url_name)
            except NoReverseMatch:
                continue
            found.append(Tab(one.label, href, counts.get(one.key) or None, one.key == self.tab))
        return found

    def stages(self) -> list[RequestStage]:
        """Return how far the request is."""
        return stages(self.change_request)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the request and how far it is."""
        return super().get_context_data(
            change_request=self.change_request,
            request_label=request_label(self.change_request.number),
            steps=self.stages(),
            person=self.person,
            **kwargs,
        )


def _moment(moment: Any, page: ConnectionPage) -> Any:
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        exact(moment),
        ago(moment, now=page.now),
    )
