"""Adopting many observed edges as contracts at once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.utils import timezone

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.approvals.agreements.changing import CannotChangeAgreement
from governance.contracts.adopting import CannotAdopt, terms_of_edge
from governance.contracts.deciding import contract_submit
from governance.contracts.declaring import contract_declare
from governance.contracts.terms import LONGEST_PURPOSE, ContractTerms
from governance.posture.trust.selectors import trust_edges
from governance.presentation.contract_wording import source_name, target_name
from governance.web.contracts.frame import ContractsPart
from governance.web.parts.bulk import BulkActPage, BulkDone, ChosenRow
from governance.web.parts.markup import counted
from governance.web.parts.pages import Crumb
from governance.web.trust.contract_labels import contract_labels
from inventory.selectors.freshness import TRUST_TABLES


class AdoptForm(forms.Form):
    """What the crossings are for, and until when."""

    purpose = forms.CharField(
        max_length=LONGEST_PURPOSE,
        help_text="What all of these crossings are for, in a sentence.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    until = forms.DateField(
        required=False,
        help_text="The last day on which they hold.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    submit = forms.BooleanField(label="Request review immediately", required=False)

    def clean_until(self) -> date | None:
        """Return the day.

        :raises ValidationError: it is past.
        """
        until: date | None = self.cleaned_data["until"]
        if until is not None and until <= timezone.now().date():
            raise forms.ValidationError("Choose a day to come.")
        return until


class ContractsAdoptPage(BulkActPage, ContractsPart):
    """Declares a contract for each chosen edge, with the narrowest terms that cover it."""

    required_right = rights.DECLARE_CONTRACT
    verb = "Adopt"
    noun = "edge,edges"
    effect = (
        "A contract is declared for each, with its own principal, resource, actions and guards: "
        "nothing wider than what was observed. It counts once it is approved."
    )
    form_class = AdoptForm
    shows_tables = TRUST_TABLES
    refusals = (CannotChangeAgreement, MayNot)

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the lists above and this act."""
        return [Crumb("Trust", self.back_href()), Crumb("Adopt as contracts")]

    def back_href(self) -> str:
        """Return the edges."""
        return self.href("trust")

    @cached_property
    def terms(self) -> dict[str, ContractTerms]:
        """The terms of each edge that can be adopted, by its key; filled by `chosen`."""
        return {}

    def chosen(self, keys: Sequence[str]) -> Sequence[ChosenRow]:
        """Return the edges; those that have a contract, need none or lie elsewhere stay."""
        edges = list(
            trust_edges(self.viewer, connection=self.connection)
            .filter(key__in=keys)
            .order_by("crossing_rank", "resource_name", "key")
        )
        labels = contract_labels(self, edges)
        rows = []
        for edge in edges:
            stays, name, note = "", edge.resource_name, edge.principal_id
            try:
                terms = terms_of_edge(edge, self.directory)
            except CannotAdopt as error:
                stays = str(error)
            else:
                name = f"{source_name(terms.source, self.directory)} → {edge.resource_name}"
                note = target_name(terms.target, self.directory)
                if labels[edge.key].label:
                    stays = f"{labels[edge.key].label} covers it"
                elif terms in self.terms.values():
                    stays = "the contract of another edge covers it"
                elif not self.may(rights.DECLARE_CONTRACT, edge.account_id):
                    stays = "you may not declare contracts there"
                else:
                    self.terms[edge.key] = terms
            href = self.href("trust-edge", edge_key=edge.key)
            rows.append(ChosenRow(edge.key, name, note, href, stays))
        return rows

    def act(self, keys: Sequence[str], given: dict[str, Any]) -> BulkDone:
        """Declare them, and request review where wanted."""
        for key in keys:
            made = contract_declare(
                by=self.by,
                connection=self.connection,
                terms=replace(self.terms[key], purpose=given["purpose"], until=given["until"]),
                directory=self.directory,
                now=self.now,
            )
            if given["submit"]:
                contract_submit(by=self.by, contract_id=made.pk, now=self.now)
        said = f"{counted(len(keys), 'contract,contracts')} declared"
        done = f"{said} and waiting for review." if given["submit"] else f"{said} as drafts."
        return BulkDone(done, self.href("contracts"))
