"""What decides one action in an account or OU."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponseBase
from django.urls import reverse

from governance.posture.ceilings.services import (
    DecidingStatementAtLevel,
    decision_of,
)
from governance.posture.state.organization import ControlPolicy, TargetName
from governance.presentation.statement_text import statement_lines
from governance.presentation.text_diff import pretty_json
from governance.web.ceiling_tabs.tab import AccountCeilingTab, CeilingTab, UnitCeilingTab
from governance.web.ceilings.wording import OUTCOME_WORDS
from governance.web.parts.policy_lines import line_anchor
from governance.web.parts.who_can_links import who_can_href


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A deciding statement with its lines in the policy's text as the policy's page lays it out."""

    statement: DecidingStatementAtLevel
    target_href: str
    policy_href: str
    lines: str
    lines_before: int
    text: str


class ActionPart(CeilingTab):
    """One action: which statement decides it, where, under what condition."""

    part_template = "governance/ceilings/action_part.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the decision.

        :raises Http404: AWS has no such action.
        """
        prefix, short = self.kwargs["service"], self.kwargs["action"]
        catalogue = self.ceilings.catalogue
        index = catalogue.index_of.get(f"{prefix}:{short}".lower())
        if index is None:
            raise Http404(f"AWS has no action {prefix}:{short} that the catalogue knows.")
        decision = decision_of(self.ceilings, self.target_id, index)
        return super().get_context_data(
            service=prefix,
            is_beyond=self.is_beyond(prefix),
            service_name=catalogue.service_names[prefix],
            service_href=self.part_address("ceiling-service", service=prefix),
            decision=decision,
            who_can_href=who_can_href(
                self.connection.slug,
                as_of_text=self.request.GET.get("as_of", ""),
                action=decision.action.name,
                under=self.target_id,
            ),
            outcome_words=OUTCOME_WORDS[decision.action.outcome],
            statements=[self.described(one) for one in decision.statements],
            not_allowed_at=[(at, self.address_of(at)) for at in decision.not_allowed_at],
            unreadable=[
                (at, policy, self.policy_address(policy)) for at, policy in decision.unreadable
            ],
            **kwargs,
        )

    def described(self, statement: DecidingStatementAtLevel) -> StatementRow:
        """Add addresses and lines to a statement."""
        document = statement.policy.document
        source = document.source.text if document and document.source else ""
        text = pretty_json(source)
        first, last = statement_lines(text, statement.path)
        return StatementRow(
            statement=statement,
            target_href=self.address_of(statement.target),
            policy_href=f"{self.policy_address(statement.policy)}#{line_anchor(first, last)}",
            lines=f"line {first}" if first == last else f"lines {first} to {last}",
            lines_before=first - 1,
            text="\n".join(text.splitlines()[first - 1 : last]),
        )

    def address_of(self, target: TargetName) -> str:
        """Return the address of a level."""
        slug = self.connection.slug
        if target.kind == "ROOT":
            return reverse("organization", kwargs={"slug": slug})
        if target.kind == "ACCOUNT":
            return reverse("account", kwargs={"slug": slug, "account_id": target.target_id})
        where = {"slug": slug, "target_id": target.target_id}
        return reverse("organizational-unit", kwargs=where) + self.kept_query()

    def policy_address(self, policy: ControlPolicy) -> str:
        """Return the address of a policy's page."""
        where = {"slug": self.connection.slug, "policy_id": policy.policy_id}
        return reverse("policy", kwargs=where)

    def export(self, kind: str) -> HttpResponseBase:
        """Refuse: one decision is no list.

        :raises BadRequest: always.
        """
        raise BadRequest("One action is not sent as a file; its service is.")


class AccountAction(ActionPart, AccountCeilingTab):
    """One action in an account."""


class UnitAction(ActionPart, UnitCeilingTab):
    """One action in an OU."""
