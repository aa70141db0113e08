"""Who is let in from outside, by vendor, and naming accounts that nobody knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from governance.access import rights
from governance.contracts.matches import contract_of_edges, matches_are_known
from governance.contracts.models import TrustContract
from governance.posture.trust.models import ExternalParty, TrustEdge
from governance.posture.trust.parties import (
    KIND_LABELS,
    LONGEST_PARTY_NAME,
    CannotNameParty,
    NoSuchParty,
    ObservedParty,
    observed_parties,
    party_remove,
    party_set,
)
from governance.posture.trust.selectors import trust_edges, trust_findings
from governance.web.parts.markup import counted, sentence
from governance.web.trust.frame import TrustPage
from policies.trust import TrustSeverity

_OUTSIDE = (TrustEdge.Crossing.EXTERNAL, TrustEdge.Crossing.VENDOR)


class PartyForm(forms.Form):
    """The name of an account's holder."""

    name = forms.CharField(label="Name", max_length=LONGEST_PARTY_NAME)
    kind = forms.ChoiceField(label="Kind", choices=ExternalParty.Kind.choices)
    account_ids = forms.CharField(label="Accounts", max_length=4000)
    note = forms.CharField(label="Note", required=False, max_length=2000)


@dataclass(frozen=True, slots=True)
class PartyRow:
    """A party as the list shows it.

    `findings`: how many there are about its edges; `severity`: of the worst. `contracts`: that
    cover its edges; `outside`: how many edges no contract covers.
    """

    party: ObservedParty
    label: str
    kind: str
    look: str
    findings: int
    severity: str
    contracts: tuple[TrustContract, ...]
    outside: int
    href: str


class ExternalPartiesPage(TrustPage):
    """The list of external parties; a post names one, or forgets a name."""

    required_right = rights.VIEW_TRUST
    post_right = rights.NAME_EXTERNAL_PARTIES
    tab = "external_parties"
    template_name = "governance/external_parties/page.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Name accounts, or forget a name, and lead back to the list.

        :raises BadRequest: the form is not the page's.
        """
        if "remove" in request.POST:
            try:
                party_remove(
                    by=self.by,
                    connection=self.connection,
                    name=request.POST["remove"],
                    now=self.now,
                )
            except NoSuchParty as error:
                raise BadRequest(str(error)) from None
            messages.success(request, "The name is removed; edges update in a moment.")
            return HttpResponseRedirect(self.page_href)
        form = PartyForm(request.POST)
        if form.is_valid():
            data = form.cleaned_data
            known = ExternalParty.objects.filter(
                connection=self.connection, name__iexact=data["name"].strip()
            ).first()
            ids = {*data["account_ids"].replace(",", " ").split()}
            if known is not None and "adds" in request.POST:
                ids |= set(known.account_ids)
            try:
                party = party_set(
                    by=self.by,
                    connection=self.connection,
                    name=data["name"],
                    kind=data["kind"],
                    account_ids=ids,
                    note=data["note"],
                    now=self.now,
                )
            except CannotNameParty as error:
                form.add_error(error.member, sentence(error))
            else:
                said = f"{party.name} is saved; edges update in a moment."
                messages.success(request, said)
                return HttpResponseRedirect(self.page_href)
        answer: HttpResponseBase = self.render_to_response(
            self.get_context_data(form=form, open_form=True)
        )
        return answer

    @property
    def page_href(self) -> str:
        """The page's own address."""
        return reverse("external-parties", kwargs={"slug": self.connection.slug})

    @property
    def parties(self) -> tuple[ObservedParty, ...]:
        """Who is let in, or named."""
        if not hasattr(self, "_parties"):
            self._parties = observed_parties(
                self.viewer, connection=self.connection, as_of=self.as_of
            )
        return self._parties

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the rows, the form, and whether this person may name parties."""
        unknown = [one for one in self.parties if not one.name]
        outside = sum(one.edges for one in self.parties)
        return super().get_context_data(
            **{
                "rows": self.rows(),
                "form": PartyForm(),
                "open_form": False,
                "may_name": self.may(rights.NAME_EXTERNAL_PARTIES) and self.as_of is None,
                "trust_line": f"{counted(outside, 'edge,edges')} from outside · "
                f"{counted(len(unknown), 'unknown account,unknown accounts')}",
                "as_of_query": self.as_of_query,
                "contracts_are_known": matches_are_known(self.connection, self.as_of),
                **self.runs_around(),
                **kwargs,
            }
        )

    def rows(self) -> list[PartyRow]:
        """Return the parties with what is wrong with their edges, in four queries."""
        edges = trust_edges(self.viewer, connection=self.connection, as_of=self.as_of)
        keys: dict[str, list[str]] = {}
        for key, account_id in edges.filter(crossing__in=_OUTSIDE).values_list(
            "key", "principal_account_id"
        ):
            keys.setdefault(account_id, []).append(key)
        severities: dict[str, list[str]] = {}
        every = {key for found in keys.values() for key in found}
        findings = trust_findings(self.viewer, connection=self.connection, as_of=self.as_of)
        for key, severity in findings.filter(edge_key__in=every).values_list(
            "edge_key", "severity"
        ):
            severities.setdefault(key, []).append(severity)
        contracts = contract_of_edges(self.connection, every, as_of=self.as_of)
        return [self._row(party, keys, severities, contracts) for party in self.parties]

    def _row(
        self,
        party: ObservedParty,
        keys: dict[str, list[str]],
        severities: dict[str, list[str]],
        contracts: dict[str, TrustContract],
    ) -> PartyRow:
        own = [key for account_id in party.account_ids for key in keys.get(account_id, ())]
        found = [severity for key in own for severity in severities.get(key, ())]
        covering = {contracts[key].pk: contracts[key] for key in own if key in contracts}
        trust = reverse("trust", kwargs={"slug": self.connection.slug})
        asked = {"vendor": party.name} if party.name else {"q": party.account_ids[0]}
        worst = _worst(found)
        state = party.worst_state
        is_bad = state == "open" and worst in (TrustSeverity.CRITICAL, TrustSeverity.HIGH)
        return PartyRow(
            party=party,
            label=party.name or party.account_ids[0],
            kind=KIND_LABELS[party.kind],
            look=f"trust_{state}{'_bad' if is_bad else ''}" if state else "",
            findings=len(found),
            severity=worst,
            contracts=tuple(sorted(covering.values(), key=lambda one: one.number)),
            outside=sum(key not in contracts for key in own),
            href=f"{trust}{self.as_of_query}{'&' if self.as_of else '?'}{urlencode(asked)}",
        )


def _worst(severities: Sequence[str]) -> str:
    order = [str(each) for each in TrustSeverity]
    return min(severities, key=order.index, default="")
