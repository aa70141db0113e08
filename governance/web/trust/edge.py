"""One edge at its own address, with its history, and as the panel beside the table."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

from django.http import Http404
from django.urls import reverse

from governance.posture.trust.models import TrustEdge
from governance.posture.trust.selectors import edge_history, edge_of
from governance.presentation.trust_wording import guard_words, state_words
from governance.web.parts.pages import Crumb
from governance.web.trust.frame import TrustPage
from governance.web.trust.opened_by import edge_actor
from governance.web.trust.panel import panel_of, title_of

# The newest steps of the history, and the first, say who is behind them.
_MOST_EXPLAINED: Final = 5
_COMPARED: Final = (
    ("actions", "Actions"),
    ("crossing", "Crossing"),
    ("tenant", "Tenant"),
    ("vendor", "Vendor"),
)


class EdgeReading(TrustPage):
    """What the page and the panel share. Sets `edge`."""

    edge: TrustEdge

    def begin(self) -> None:
        """Find the edge at the time looked at; one that is gone, as it was last.

        :raises Http404: there never was one with this key, or not one this person may see.
        """
        super().begin()
        key = self.kwargs["edge_key"]
        found = edge_of(self.viewer, connection=self.connection, key=key, as_of=self.as_of)
        if found is None:
            history = edge_history(self.viewer, connection=self.connection, key=key)
            found = history.select_related("content").first()
        if found is None:
            raise Http404("There is no edge of trust with this key.")
        self.edge = found

    @property
    def is_gone(self) -> bool:
        """Whether the edge no longer held at the time looked at."""
        until = self.edge.seen_until
        return until is not None and (self.as_of is None or until <= self.as_of)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the edge is."""
        return super().get_context_data(
            panel=panel_of(self, self.edge), is_gone=self.is_gone, **kwargs
        )


class EdgePanel(EdgeReading):
    """The panel beside the table, read when somebody selects a row."""

    template_name = "governance/trust/panel.html"


class EdgePage(EdgeReading):
    """The edge with its history."""

    template_name = "governance/trust/edge.html"

    def get_title(self) -> str:
        """Say whom it lets into what."""
        return title_of(self.edge)

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the screen and this edge."""
        trust = reverse("trust", kwargs={"slug": self.connection.slug}) + self.as_of_query
        return [Crumb(self.connection.name), Crumb("Trust", trust), Crumb(self.get_title())]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the versions, the newest first."""
        versions = list(edge_history(self.viewer, connection=self.connection, key=self.edge.key))
        steps: list[dict[str, Any]] = []
        if versions and versions[0].seen_until is not None:
            steps.append({"at": versions[0].seen_until, "words": "Gone", "changes": ()})
        steps += [
            {"at": after.seen_from, "words": "Changed", "changes": _differences(before, after)}
            for after, before in pairwise(versions)
        ]
        if versions:
            steps.append({"at": versions[-1].seen_from, "words": "First seen", "changes": ()})
        for step in (*steps[: _MOST_EXPLAINED - 1], *steps[_MOST_EXPLAINED - 1 :][-1:]):
            step["by"] = edge_actor(self, self.edge, step["at"])
        return super().get_context_data(steps=steps, **kwargs)


def _differences(before: TrustEdge, after: TrustEdge) -> list[tuple[str, str, str]]:
    """Return what differs between two versions, as label, before and after."""
    found = [
        ("State", state_words(before), state_words(after)),
        ("Guards", guard_words(before), guard_words(after)),
        *_guard_differences(before, after),
        *(
            (label, _said(getattr(before, name)), _said(getattr(after, name)))
            for name, label in _COMPARED
        ),
    ]
    found = [one for one in found if one[1] != one[2]]
    return found or [("Policy text", "edited", "same meaning for this edge")]


def _guard_differences(before: TrustEdge, after: TrustEdge) -> list[tuple[str, str, str]]:
    """Return, for each key that a guard asks for, what it asked and asks."""
    was, now = _asked(before), _asked(after)
    return [(key, was.get(key, "none"), now.get(key, "none")) for key in {**was, **now}]


def _asked(edge: TrustEdge) -> dict[str, str]:
    """Return the guards of an edge by key, in words."""
    found: dict[str, list[str]] = {}
    for guard in edge.guards:
        said = f"{guard['operator']} {_said(guard['values'])}".strip()
        found.setdefault(guard["key"], []).append(
            f"{said}, {'holds' if guard['holds'] else 'does not hold'}"
        )
    return {key: "; ".join(said) for key, said in found.items()}


def _said(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value) or "none"
