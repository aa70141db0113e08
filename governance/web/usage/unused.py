"""Unused: what SCPs allow and nobody used, by target and service, and a tighter SCP of it."""

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponseBase

from governance.access import rights
from governance.changes.proposals.effects import proposed_effect
from governance.changes.proposals.unused import NothingToDeny, UnusedProposal, unused_proposal
from governance.filtering.usage import LONGEST_DAYS
from governance.posture.state.organization import CompiledOrganization, load_organization
from governance.usage.unused import (
    NOT_RECORDED_WORDS,
    USUAL_DAYS,
    ServiceUsage,
    ServiceUse,
    TargetUsage,
    UnusedAccess,
    unused_access,
)
from governance.web.parts import ages
from governance.web.parts.filters import address, choice_chip
from governance.web.parts.markup import sentence
from governance.web.parts.pages import ConnectionPage, Crumb, Fact, Tab
from governance.web.parts.replayed_usage import shown_usage
from governance.web.parts.targets import page_href
from governance.web.usage.listing import usage_tabs
from governance.web.usage.log_notes import LogNote, note_of
from inventory.selectors.freshness import AUTHORIZATION_TABLES

_LOOKS: Final[Mapping[ServiceUse, str]] = {
    ServiceUse.UNUSED: "unused",
    ServiceUse.NOT_RECORDED: "use_not_recorded",
    ServiceUse.USED: "used",
    ServiceUse.NOT_KNOWN: "not_known",
}
_DAYS: Final = (30, 90, 180, 365)
_USUAL_STATES: Final = (ServiceUse.UNUSED, ServiceUse.NOT_RECORDED)


class UnusedScreen(ConnectionPage):
    """What the page and the draft of a change request read: a target and a number of days."""

    shows_tables = AUTHORIZATION_TABLES

    @cached_property
    def organization(self) -> CompiledOrganization:
        """The organization as the latest run read it."""
        return load_organization(self.viewer, connection=self.connection)

    @cached_property
    def target_id(self) -> str:
        """The target asked for; the root, or the first that is seen, unless one is named.

        :raises Http404: there is no such target, or none that this person may see.
        """
        names = self.organization.names
        found = self.asked.get("target", "") or next(iter(names), "")
        if found not in names:
            raise Http404("There is no such root, OU or account here.")
        return found

    @cached_property
    def asked(self) -> Mapping[str, str]:
        """The values of the address or of the form."""
        return self.request.POST if self.request.method == "POST" else self.request.GET

    @cached_property
    def days(self) -> int:
        """Over how many days use is looked for.

        :raises BadRequest: not a number of days.
        """
        text = self.asked.get("days", "") or str(USUAL_DAYS)
        if not (text.isascii() and text.isdecimal() and 1 <= int(text[:6]) <= LONGEST_DAYS):
            raise BadRequest(f"days: give a whole number from 1 to {LONGEST_DAYS}.")
        return int(text)

    @cached_property
    def unused(self) -> UnusedAccess:
        """What nobody used."""
        return unused_access(
            self.viewer,
            connection=self.connection,
            organization=self.organization,
            target_id=self.target_id,
            now=self.now,
            days=self.days,
            # What is proposed is made of what was used until now.
            remembered=self.request.method == "GET",
        )

    def proposed(self) -> UnusedProposal:
        """Return the SCPs for the services that the form names.

        :raises NothingToDeny: see `unused_proposal`.
        """
        return unused_proposal(self.connection, self.unused, self.request.POST.getlist("service"))


class UnusedPage(UnusedScreen):
    """What nobody used, by service; sent with chosen services, the SCP that denies them."""

    required_right = rights.VIEW_INVENTORY
    post_right = rights.SIMULATE
    section = "usage"
    page_title = "Unused"
    template_name = "governance/usage/unused.html"
    proposal: UnusedProposal | None = None
    problem: str = ""

    def begin(self) -> None:
        """Find the organization; it is shown as of now."""
        super().begin()
        self.as_of = None

    def get_tabs(self) -> Sequence[Tab]:
        """Return usage, denials and unused."""
        return usage_tabs(self, "unused")

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return this screen, and the way down to the target: what is unused at each step."""
        names = self.organization.names
        steps = []
        at = names.get(self.target_id) if names else None
        while at is not None and at.target_id != next(iter(names)):
            steps.append(Crumb(at.name, self.of_target(at.target_id)))
            at = names.get(at.parent_id or "")
        # The first target is the one that the screen begins with.
        return [Crumb(self.page_title, self.href("unused")), *reversed(steps)]

    def get_facts(self) -> Sequence[Fact]:
        """Say of which accounts, SCPs and days the page is."""
        if not self.organization.names:
            return []
        found = self.unused
        accounts = len(found.account_ids)
        facts = [
            Fact("Accounts", f"{accounts:,}"),
            Fact("Days", f"{ages.day(found.since)} to {ages.day(found.until)}"),
        ]
        if found.recorded.trails:
            facts.append(Fact("Trail", ", ".join(found.recorded.trails)))
        return facts

    def of_target(self, target_id: str) -> str:
        """Return this page's address for another target."""
        return f"{self.href('unused')}?{urlencode({'target': target_id, 'days': self.days})}"

    def note(self) -> LogNote:
        """Return how well the logs of the target's accounts are known."""
        return note_of(self.unused.health, "Usage")

    def states(self) -> tuple[ServiceUse, ...]:
        """Return the states whose services are listed."""
        chosen = self.request.GET.getlist("state")
        return tuple(one for one in ServiceUse if one.value in chosen) or _USUAL_STATES

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the SCP for the chosen services, with what it would do."""
        if self.organization.names:
            try:
                self.proposal = self.proposed()
            except NothingToDeny as error:
                self.problem = sentence(error)
        return self.get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the services, what lies below, and the proposal with its effect."""
        if not self.organization.names:
            return super().get_context_data(unused=None, **kwargs)
        found, query = self.unused, self.request.GET
        counts, states = found.counts(), self.states()
        proposal = self.proposal
        rows = [one for one in found.services if one.state in states]
        return super().get_context_data(
            unused=found,
            log_note=self.note() if found.account_ids else None,
            rows=[_row(one) for one in rows],
            counts=[
                (_LOOKS[one], one.label, counts[one], self.with_state(one)) for one in ServiceUse
            ],
            chips=[
                choice_chip(query, "days", "Days", [(str(each), f"{each} days") for each in _DAYS])
            ],
            doubts=_doubts(found),
            below=[self.below_row(one) for one in found.below if one.accounts],
            may_simulate=self.may(rights.SIMULATE),
            may_propose=self.may(rights.PROPOSE_CHANGE),
            target_href=page_href(self.connection.slug, found.target.target_id),
            elsewhere=self.elsewhere(),
            problem=self.problem,
            proposal=proposal,
            texts=()
            if proposal is None
            else [(_indented(text), len(text)) for text in proposal.texts],
            **({} if proposal is None else self.effect_of(proposal)),
            **kwargs,
        )

    def with_state(self, state: ServiceUse) -> str:
        """Return this page's address with the services of one state."""
        return address(
            self.request.GET, target=self.target_id, days=str(self.days), state=state.value
        )

    def effect_of(self, proposal: UnusedProposal) -> dict[str, Any]:
        """Return what the SCPs would do, simulated and replayed over the same days."""
        effect = proposed_effect(
            self.viewer,
            connection=self.connection,
            operations=proposal.operations,
            now=self.now,
            days=self.days,
        )
        names = self.organization.names

        def account_of(account_id: str) -> tuple[str, str]:
            name = names.get(account_id)
            if name is None:
                return account_id, ""
            return name.name, page_href(self.connection.slug, account_id)

        return {"effect": effect, "usage": shown_usage(effect.usage, account_of)}

    def below_row(self, one: TargetUsage) -> dict[str, Any]:
        """Return what a target below shows."""
        without = one.services[ServiceUse.UNUSED] + one.services[ServiceUse.NOT_RECORDED]
        return {
            "name": one.target.name,
            "href": self.of_target(one.target.target_id),
            "accounts": one.accounts,
            "is_account": one.target.kind == "ACCOUNT",
            "unused": without,
            "used": one.services[ServiceUse.USED],
        }

    def elsewhere(self) -> list[tuple[str, str, str]]:
        """Return where other things that nobody uses are listed: label, what it is, address."""
        days = self.days
        found = [
            (
                "Roles and users",
                f"not used for {days} days, as IAM says",
                f"{self.href('principals')}?unused_days={days}",
            )
        ]
        if self.may(rights.VIEW_FINDINGS):
            trust = urlencode({"source": "trust", "kind": "trust-unused"})
            found.append(
                ("Trust", "roles that let others in, unused", f"{self.href('findings')}?{trust}")
            )
        if self.may(rights.VIEW_EXCEPTIONS):
            found.append(("Exceptions", "never needed", f"{self.href('exceptions')}?used=never"))
        return found


def _indented(text: str) -> str:
    """Return JSON for people to read; AWS counts white space, so that policies are saved dense."""
    return json.dumps(json.loads(text), indent=2)


def _row(one: ServiceUsage) -> dict[str, Any]:
    return {
        "prefix": one.prefix,
        "name": one.name,
        "look": _LOOKS[one.state],
        "allowed": one.allowed.bit_count(),
        "used": one.used.bit_count(),
        "unused": one.unused.bit_count(),
        "not_known": one.not_known.bit_count(),
        "why": "; ".join(
            f"{count:,}: {NOT_RECORDED_WORDS[reason]}" for reason, count in one.reasons.items()
        ),
        "last_day": one.last_day,
        "is_chosen": one.state in _USUAL_STATES,
    }


def _doubts(found: UnusedAccess) -> list[str]:
    """Return why the use of some actions is not known, with how many, the most first."""
    totals: dict[str, int] = {}
    for one in found.services:
        for reason, count in one.reasons.items():
            totals[reason] = totals.get(reason, 0) + count
    return [
        f"{count:,} actions: {NOT_RECORDED_WORDS[reason]}."
        for reason, count in sorted(totals.items(), key=lambda item: -item[1])
    ]
