"""The drafted text that closes one trust finding, with what becomes of each edge."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404
from django.urls import reverse

from governance.posture.trust.drafting import DraftedFix, EdgeComparison, drafted_fix
from governance.posture.trust.models import TrustFinding
from governance.posture.trust.selectors import trust_findings
from governance.web.parts.pages import Crumb
from governance.web.trust.frame import TrustPage
from policies.trust import PolicyEdge


class FixPage(TrustPage):
    """A finding with the policy that closes it, to be copied."""

    template_name = "governance/trust/fix.html"
    page_title = "Fixed policy"
    tab = "crossings"
    finding: TrustFinding

    def begin(self) -> None:
        """Find the finding as it is now.

        :raises Http404: there is none with this key, or not one this person may see.
        """
        super().begin()
        found = trust_findings(self.viewer, connection=self.connection)
        finding = found.filter(key=self.kwargs["trust_finding_key"]).first()
        if finding is None:
            raise Http404("There is no open trust finding with this key.")
        self.finding = finding

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the screen and this page."""
        trust = reverse("trust", kwargs={"slug": self.connection.slug})
        return [Crumb(self.connection.name), Crumb("Trust", trust), Crumb("Fixed policy")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the draft and what becomes of each edge."""
        slug, finding = self.connection.slug, self.finding
        draft = drafted_fix(self.viewer, connection=self.connection, finding=finding)
        route = ("principal", "arn") if draft.is_trust else ("resource-policy", "resource_arn")
        return super().get_context_data(
            finding=finding,
            fix=finding.remedy.get("text", ""),
            draft=draft,
            fixed=draft.fixed,
            policy_name="Trust policy" if draft.is_trust else "Resource policy",
            edges=[_edge_line(one) for one in draft.edges],
            left=_left(draft, finding),
            subject_href=reverse(route[0], kwargs={"slug": slug, route[1]: finding.subject_arn}),
            edge_href=reverse("trust-edge", kwargs={"slug": slug, "edge_key": finding.edge_key})
            if finding.edge_key
            else "",
            **kwargs,
        )


def _edge_line(one: EdgeComparison) -> dict[str, str]:
    """Return an edge before and after: a state of the looks, and its words."""
    return {
        "principal": one.principal.id,
        "kind": one.principal.kind.value.replace("_", " "),
        "before": _state(one.before),
        "after": _state(one.after),
        "guards": ", ".join(guard.key for guard in one.after.guards) if one.after else "",
    }


def _state(edge: PolicyEdge | None) -> str:
    """Return a state of the looks; empty: there is no such edge."""
    if edge is None:
        return ""
    if edge.blocked_by is not None:
        return "trust_blocked"
    if edge.undecided:
        return "undecided"
    return "guarded" if edge.is_guarded else "open"


def _left(draft: DraftedFix, finding: TrustFinding) -> list[dict[str, str]]:
    """Return what is still wrong with the fixed policy."""
    return [
        {"severity": one.severity.value, "message": one.message}
        for one in (draft.fixed.left if draft.fixed else ())
        if one.message != finding.message
    ]
