"""Three questions that lead through a demo: an organization that is read from a simulator."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils.http import urlencode

from governance.access import rights
from governance.posture.trust.models import TrustEdge
from governance.web.parts.pages import ConnectionPage
from inventory.selectors.hierarchy import Tree
from inventory.selectors.trees import unit_tree

_DISMISSED: Final = "tour_dismissed"
_FROM_OUTSIDE: Final = (
    *(TrustEdge.Crossing.PUBLIC, TrustEdge.Crossing.EXTERNAL),
    *(TrustEdge.Crossing.FEDERATED, TrustEdge.Crossing.VENDOR),
)


@dataclass(frozen=True, slots=True)
class TourQuestion:
    """A question, the screen that answers it, and what to look at there."""

    title: str
    text: str
    href: str


def tour_questions(page: ConnectionPage) -> list[TourQuestion]:
    """Return the questions that this person can follow; none outside of a demo, or once dismissed.

    AWS itself is read at no address of its own: a connection that has one reads a simulator.
    """
    if not page.connection.endpoint_url or page.request.session.get(_DISMISSED):
        return []
    found = [
        TourQuestion(
            "What may nobody do?",
            "The darker an OU, the more actions its SCPs deny whoever asks. "
            "Choose one to find its policies in the tree.",
            page.href("organization") + "?measure=denied",
        )
    ]
    if page.may(rights.VIEW_TRUST, None):
        found.append(_from_outside(page))
    found.append(
        TourQuestion(
            "What changed since yesterday?",
            "Every difference between yesterday's organization and now, by name. "
            "Effective changes beside it says what they newly allow and deny.",
            page.href("organization-compare") + f"?from={_yesterday(page)}&until=now",
        )
    )
    return found


def _from_outside(page: ConnectionPage) -> TourQuestion:
    query: list[tuple[str, str]] = [("crossing", one.value) for one in _FROM_OUTSIDE]
    production = _production(unit_tree(page.viewer, connection=page.connection).tree)
    if production:
        query.append(("to", production))
    return TourQuestion(
        "Who can get into production from outside?",
        "Each row is a role or resource that lets someone in, the least guarded first. "
        "Choose one for its proof and its fix.",
        f"{page.href('trust')}?{urlencode(query)}",
    )


def _production(tree: Tree) -> str:
    """Return the uppermost OU that is called production; empty where none is."""
    named = [
        node
        for node in tree.by_id.values()
        if node.parent_id and node.name.casefold().startswith("prod")
    ]
    return min(named, key=lambda node: (node.depth, node.name)).target_id if named else ""


def _yesterday(page: ConnectionPage) -> str:
    """Return the time a day ago, or of the first run where that is later."""
    moment = page.now - timedelta(days=1)
    first = page.known_span.first_run_at
    if first is not None:
        moment = max(moment, first)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class TourDismiss(ConnectionPage):
    """Hides the questions for as long as this person is signed in."""

    required_right = rights.VIEW_INVENTORY
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Hide them and go on with posture."""
        request.session[_DISMISSED] = True
        return HttpResponseRedirect(self.href("posture"))
