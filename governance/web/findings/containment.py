"""Contain: what cuts an account or a principal off, simulated, as a draft for an emergency."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.changes.life.content import ContentInvalid
from governance.changes.proposals.containment import (
    CONTAINMENT_LABELS,
    CannotContain,
    Containment,
    change_contain,
    containment_plan,
    possible_containments,
)
from governance.changes.proposals.effects import proposed_effect
from governance.detections.selectors import detection_find
from governance.usage.wording import usage_sentence
from governance.web.findings.frame import FindingScreen
from governance.web.parts.markup import sentence
from governance.web.parts.pages import Crumb, Tab
from inventory.models import Account
from inventory.selectors.freshness import AUTHORIZATION_POLICY_TYPES, AUTHORIZATION_TABLES
from inventory.viewing import targets_seen, visible


class ContainPage(FindingScreen):
    """What containing an account or a principal would do; takes the draft of it.

    `?account_id=` and `?principal=` say whom, or the detection that the address names.
    """

    required_right = rights.SIMULATE
    post_right = rights.EMERGENCY_CHANGE
    shows_tables = AUTHORIZATION_TABLES
    shows_policy_types = AUTHORIZATION_POLICY_TYPES
    template_name = "governance/findings/contain.html"
    page_title = "Contain"

    def begin(self) -> None:
        """Find whom to contain.

        :raises Http404: there is no such detection or account that this person may see.
        """
        super().begin()
        asked = self.request.POST if self.request.method == "POST" else self.request.GET
        self.account_id = asked.get("account_id", "")
        self.principal = asked.get("principal", "")[:1024]
        self.detection = None
        number = self.kwargs.get("detection_id")
        if number is not None:
            found = detection_find(self.viewer, connection=self.connection, detection_id=number)
            if found is None:
                raise Http404(f"There is no detection {number} here.")
            self.detection = found
            self.account_id = found.subject_account_id or found.account_id
            self.principal = found.principal
        targets = targets_seen(self.viewer, self.connection)
        if not targets.everything and self.account_id not in targets.accounts:
            raise Http404("There is no such account here.")

    def get_tabs(self) -> Sequence[Tab]:
        """Show none."""
        return []

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return what it came from, and this page."""
        findings, *contain = super().get_crumbs()
        if self.detection is None:
            return [findings, *contain]
        href = self.href("detection", detection_id=self.detection.pk)
        return [
            findings,
            Crumb("Detections", self.href("detections")),
            Crumb(self.detection.title, href),
            *contain,
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the ways, and what the chosen one would do."""
        ways = possible_containments(self.connection, self.account_id, self.principal)
        chosen = self.request.GET.get("way") or (ways[0].value if ways else "")
        shown: dict[str, Any] = {"plan": None, "effect": None, "problem": ""}
        if chosen:
            try:
                plan = containment_plan(
                    self.connection,
                    _way(chosen),
                    account_id=self.account_id,
                    principal=self.principal,
                    now=self.now,
                )
            except CannotContain as error:
                shown["problem"] = sentence(error)
            else:
                effect = proposed_effect(
                    self.viewer,
                    connection=self.connection,
                    operations=plan.operations,
                    now=self.now,
                )
                shown |= {"plan": plan, "effect": effect, "usage": usage_sentence(effect.usage)}
        return super().get_context_data(
            ways=[(way.value, CONTAINMENT_LABELS[way], way.value == chosen) for way in ways],
            chosen=chosen,
            may_draft=self.may(rights.EMERGENCY_CHANGE),
            account_id=self.account_id,
            account_name=self.account_name(),
            principal=self.principal,
            detection=self.detection,
            **shown,
            **kwargs,
        )

    def account_name(self) -> str:
        """Return the account's newest name, else its id."""
        rows = visible(Account.objects.filter(connection=self.connection), self.viewer)
        newest = rows.filter(account_id=self.account_id).order_by("-seen_from")
        return newest.values_list("name", flat=True).first() or self.account_id

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Draft the change request, and go to it."""
        try:
            made = change_contain(
                by=self.by,
                connection=self.connection,
                kind=_way(request.POST.get("way", "")),
                account_id=self.account_id,
                principal=self.principal,
                reason=request.POST.get("reason", ""),
                now=self.now,
            )
        except (CannotContain, ContentInvalid, MayNot) as error:
            messages.error(request, sentence(error))
            return HttpResponseRedirect(request.get_full_path())
        messages.success(request, "Draft created. Check it, then apply it as an emergency.")
        return HttpResponseRedirect(self.href("change-request", number=made.number))


def _way(text: str) -> Containment:
    """Return a way by its name.

    :raises BadRequest: there is none.
    """
    try:
        return Containment(text)
    except ValueError:
        raise BadRequest("Choose a way to contain it.") from None
