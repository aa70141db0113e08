"""Pending grants for a second person, and those decided lately."""

from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from governance.access.owners.acting import ActingPerson
from governance.access.owners.deciding import (
    CannotDecide,
    grant_confirm,
    grant_refuse,
    proposals,
    why_not,
)
from governance.access.owners.labels import target_words
from governance.access.owners.models import GrantProposal
from governance.access.owners.targets import target_tree
from governance.access.step_up import require_step_up
from governance.access.viewers import viewer_of
from governance.web.owners.frame import acting
from governance.web.parts.markup import sentence
from governance.web.parts.pages import Page
from governance.web.parts.people import person_of
from governance.web.parts.rights_view import Opening, RightsView
from governance.web.parts.targets import page_href
from inventory.models import Connection

_DECIDED_SHOWN: Final = 50


class GrantsPage(Page):
    """What waits first, with buttons for whoever may decide; then what was decided."""

    required_right = Opening.SIGNED_IN
    section = "grants"
    page_title = "Grants"
    template_name = "governance/grants/page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the grants of places that may be seen."""
        user, by = person_of(self.request), acting(self.request)
        now = timezone.now()
        found = proposals(viewer_of(user), user=user)
        waiting = list(found.filter(state=GrantProposal.State.PROPOSED, expires_at__gt=now)[:500])
        decided = list(found.exclude(state=GrantProposal.State.PROPOSED)[:_DECIDED_SHOWN])
        names = place_names([*waiting, *decided])
        return super().get_context_data(
            waiting=[self._row(one, names, by) for one in waiting],
            decided=[self._row(one, names) for one in decided],
            **kwargs,
        )

    def _row(
        self,
        proposal: GrantProposal,
        names: dict[tuple[int, str], str],
        by: ActingPerson | None = None,
    ) -> dict[str, Any]:
        connection = proposal.connection
        joins = proposal.kind == GrantProposal.Kind.MEMBERSHIP
        place, href = "Where the group holds roles or owns" if joins else "Everywhere", ""
        if connection is not None:
            key = (connection.pk, proposal.target_id)
            place = names.get(key, proposal.target_id) if proposal.target_id else connection.name
            if proposal.target_id:
                href = page_href(connection.slug, proposal.target_id)
        reason = why_not(by, proposal) if by else ""
        return {
            "proposal": proposal,
            "what": what_words(proposal),
            "to": proposal.user or proposal.group,
            "place": place,
            "href": href,
            "why_not": sentence(ValueError(reason)) if reason else "",
            "may_confirm": by is not None and not reason,
            "may_withdraw": by is not None and proposal.proposed_by_id == by.user.pk,
        }


def what_words(proposal: GrantProposal) -> str:
    """Say what is granted."""
    if proposal.kind == GrantProposal.Kind.OWNERSHIP:
        return "Owner"
    if proposal.kind == GrantProposal.Kind.ROLE:
        return f"Role {proposal.what}"
    if proposal.kind == GrantProposal.Kind.MEMBERSHIP:
        return f"Member of group {proposal.what}"
    if proposal.kind == GrantProposal.Kind.CLAIM:
        return f"Claim {proposal.what}"
    if proposal.kind == GrantProposal.Kind.RECOVERY:
        return f"Account recovery ({proposal.what})"
    return f"Environment {proposal.what}, out of production"


def place_names(found: list[GrantProposal]) -> dict[tuple[int, str], str]:
    """Return the names of the targets of grants, in three queries for each organization."""
    by_connection: dict[int, set[str]] = {}
    for one in found:
        if one.connection_id is not None and one.target_id:
            by_connection.setdefault(one.connection_id, set()).add(one.target_id)
    names = {}
    for connection in Connection.objects.filter(pk__in=by_connection):
        wanted = by_connection[connection.pk]
        tree = target_tree(connection, target_ids=wanted)
        for target_id in wanted & tree.by_id.keys():
            names[connection.pk, target_id] = target_words(tree.by_id[target_id])
    return names


class GrantDecide(RightsView):
    """Confirms or refuses one grant; who may is judged by `deciding`."""

    resumes_after_step_up = True
    required_right = Opening.SIGNED_IN
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Decide, and lead back to the grants.

        :raises Http404: there is no such grant that this person may see.
        :raises StepUpRequired: whoever confirms has not just proved who they are.
        """
        user = person_of(request)
        proposal_id = self.kwargs["proposal_id"]
        proposal = proposals(viewer_of(user), user=user).filter(pk=proposal_id).first()
        if proposal is None:
            raise Http404(f"There is no grant {proposal_id}.")
        confirms = request.POST.get("decision") == "confirm"
        if confirms and not why_not(acting(request), proposal):
            require_step_up(request)
        decide = grant_confirm if confirms else grant_refuse
        try:
            done = decide(
                by=acting(request),
                proposal_id=proposal_id,
                note=request.POST.get("note", "")[:500],
                now=timezone.now(),
            )
        except CannotDecide as error:
            messages.error(request, f"Not decided: {error}.")
        else:
            word = "refused and revoked"
            if confirms:
                recovers = done.kind == GrantProposal.Kind.RECOVERY
                word = "confirmed for a day" if recovers else "confirmed and counts now"
            messages.success(request, f"{what_words(done)}: {word}.")
        return HttpResponseRedirect(reverse("grants"))
