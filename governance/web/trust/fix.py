"""The drafted text that closes one trust finding, with what becomes of each edge."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from governance.access import rights
from governance.access.actors import actor_of
from governance.edits.operations import LONGEST_NAME, Operation, OperationKind
from governance.posture.trust.closing import (
    DraftedControl,
    drafted_caller_control,
    drafted_control,
)
from governance.posture.trust.drafting import DraftedFix, EdgeComparison, drafted_fix
from governance.posture.trust.models import TrustFinding
from governance.posture.trust.selectors import trust_findings
from governance.simulations import services
from governance.web.parts.pages import Crumb
from governance.web.trust.frame import TrustPage
from inventory.selectors.hierarchy import accounts
from policies import PolicyType
from policies.trust import PolicyEdge
from policies.trust.closing import ClosingControl

# Which control policy closes from which side.
_SIDES: Final = {
    "resource": PolicyType.RESOURCE_CONTROL_POLICY,
    "callers": PolicyType.SERVICE_CONTROL_POLICY,
}


class FixPage(TrustPage):
    """A finding with the policy that closes it, to be copied, and the RCP that closes it around."""

    template_name = "governance/trust/fix.html"
    page_title = "Fixed policy"
    tab = "crossings"
    post_right = rights.SIMULATE
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

    @cached_property
    def control(self) -> DraftedControl:
        """The RCP that closes the finding."""
        return drafted_control(self.viewer, connection=self.connection, finding=self.finding)

    @cached_property
    def caller_control(self) -> DraftedControl:
        """The SCP that closes the finding on the callers' side."""
        return drafted_caller_control(self.viewer, connection=self.connection, finding=self.finding)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Open the RCP, or with `side=callers` the SCP, in the simulator, as a draft of one's own.

        :raises BadRequest: there is no such side.
        """
        side = request.POST.get("side", "resource")
        if side not in _SIDES:
            raise BadRequest(f"side is {side!r}; it can be {' or '.join(_SIDES)}.")
        drafted = self.caller_control if side == "callers" else self.control
        control = drafted.control
        if control is None:
            messages.error(request, drafted.problem)
            return HttpResponseRedirect(request.path)
        made = services.simulation_create(
            connection=self.connection,
            actor=actor_of(request),
            name=f"Close: {self.finding.message}"[: services.LONGEST_NAME],
            operations=_closing_operations(self.finding, control, _SIDES[side]),
            as_of=None,
            now=self.now,
        )
        where = {"slug": self.connection.slug, "simulation_id": made.pk}
        return HttpResponseRedirect(reverse("simulation", kwargs=where))

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
            control=self.control,
            control_edges=[_edge_line(one) for one in self.control.edges],
            caller_control=self.caller_control,
            caller_edges=[_edge_line(one) for one in self.caller_control.edges],
            caller_names=self._names(self.caller_control),
            simulates=self.may(rights.SIMULATE, None),
            proposes=self.may(rights.PROPOSE_CHANGE, None),
            subject_href=reverse(route[0], kwargs={"slug": slug, route[1]: finding.subject_arn}),
            edge_href=reverse("trust-edge", kwargs={"slug": slug, "edge_key": finding.edge_key})
            if finding.edge_key
            else "",
            **kwargs,
        )

    def _names(self, drafted: DraftedControl) -> str:
        ids = drafted.control.account_ids if drafted.control else ()
        rows = accounts(self.viewer, connection=self.connection)
        names = dict(rows.filter(account_id__in=ids).values_list("account_id", "name"))
        return ", ".join(names.get(account_id, account_id) for account_id in ids)


def _closing_operations(
    finding: TrustFinding, control: ClosingControl, policy_type: PolicyType
) -> tuple[Operation, ...]:
    """Return the edits that create the control policy and attach it to its accounts."""
    return (
        Operation(
            OperationKind.CREATE_POLICY,
            policy_id="new-1",
            name=f"close-{finding.code}-{finding.key[:8]}"[:LONGEST_NAME],
            policy_type=policy_type.value,
            text=control.text,
        ),
        *(
            Operation(OperationKind.ATTACH_POLICY, policy_id="new-1", target_id=account_id)
            for account_id in control.account_ids
        ),
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
