"""The tab Ceiling of an account or OU: its services, the actions of one, what decides one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponseBase
from django.urls import reverse

from governance.posture.ceiling_groups import AccountGroup, account_groups
from governance.posture.ceiling_services import (
    ActionCeiling,
    DecidingStatement,
    actions_of,
    decision_of,
    service_count,
    services_of,
)
from governance.posture.ceilings import Binding, Outcome
from governance.posture.organization import ControlPolicy, TargetName
from governance.posture.statement_text import statement_lines
from governance.web.accounts.account import AccountPage
from governance.web.accounts.unit import UnitFrame
from governance.web.ceilings.reading import CeilingPage
from governance.web.ceilings.services import service_table
from governance.web.ceilings.stack import NOT_MEASURED
from governance.web.exports import Exporting, export_response
from governance.web.filters import address
from governance.web.text_diff import pretty_json

_OUTCOME_WORDS: Final = {
    Outcome.ALWAYS: "Always",
    Outcome.CONDITIONAL: "Conditional",
    Outcome.NEVER: "Never",
    Outcome.UNKNOWN: "Not known",
}
_NAMED_ACTIONS: Final = 6
_NAMED_ACCOUNTS: Final = 12


class CeilingTab(Exporting, CeilingPage):
    """What the parts of the tab share. htmx gets the part alone."""

    tab = "ceiling"
    part_template: str

    def get_template_names(self) -> list[str]:
        """Return the part's template for htmx, the page's otherwise."""
        htmx: Any = getattr(self.request, "htmx", None)
        if htmx and htmx.target == "ceiling":
            return ["governance/ceilings/part.html"]
        return super().get_template_names()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the parts show alike."""
        query = self.request.GET
        return super().get_context_data(
            part_template=self.part_template,
            assuming=self.assuming(),
            not_measured=NOT_MEASURED.get(self.binding()),
            ceiling=self.ceilings.of(self.target_id),
            services_href=self.part_address("ceiling"),
            csv_href=address(query, format="csv"),
            json_href=address(query, format="json"),
            **kwargs,
        )

    def file_name(self, part: str) -> str:
        """Return the name of a file without its ending."""
        return f"{self.connection.slug}-{self.target_id}-{part}"


class ServicesPart(CeilingTab):
    """Every service; `q` searches, `segment` chooses."""

    part_template = "governance/ceilings/services_part.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the services."""
        search = self.request.GET.get("q", "").strip()
        return super().get_context_data(
            services=service_table(self, search=search), search=search, **kwargs
        )

    def export(self, kind: str) -> HttpResponseBase:
        """Send the services; `of=actions` sends every action."""
        if self.request.GET.get("of") == "actions":
            return export_response(
                kind,
                name=self.file_name("actions"),
                header=["action", "access_level", "outcome"],
                rows=self.exported_actions(),
            )
        rows = services_of(self.ceilings, self.target_id, self.steps)
        return export_response(
            kind,
            name=self.file_name("ceiling"),
            header=["service", "name", "always", "conditional", "never", "unknown", "decided_at"],
            rows=(
                [
                    one.prefix,
                    one.name,
                    one.always,
                    one.conditional,
                    one.never,
                    one.unknown,
                    [at.target.target_id for at in one.decided_at],
                ]
                for one in rows
            ),
        )

    def exported_actions(self) -> Iterator[list[Any]]:
        """Yield the cells of every action's line."""
        for prefix in self.ceilings.catalogue.services:
            for one in actions_of(self.ceilings, self.target_id, prefix):
                yield [one.name, one.level, one.outcome.value]


@dataclass(frozen=True, slots=True)
class ActionRow:
    """An action with where its decision is told."""

    action: ActionCeiling
    short_name: str
    words: str
    href: str


class ActionsPart(CeilingTab):
    """The actions of one service; `outcome` and `level` choose."""

    part_template = "governance/ceilings/actions_part.html"

    def actions(self) -> list[ActionCeiling]:
        """Return the actions of the service.

        :raises Http404: AWS has no such service.
        """
        prefix = self.kwargs["service"]
        try:
            return actions_of(self.ceilings, self.target_id, prefix)
        except KeyError:
            raise Http404(f"AWS has no service {prefix!r} that the catalogue knows.") from None

    def chosen(self, actions: Sequence[ActionCeiling]) -> list[ActionCeiling]:
        """Return the actions that the address asks for.

        :raises BadRequest: an outcome that there is not.
        """
        outcome = self.request.GET.get("outcome", "")
        level = self.request.GET.get("level", "")
        if outcome and outcome not in set(Outcome):
            raise BadRequest(f"outcome is {outcome!r}; it can be {', '.join(Outcome)}.")
        return [
            one
            for one in actions
            if (not outcome or one.outcome == outcome) and (not level or one.level == level)
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the actions, and how many come out how."""
        prefix, query = self.kwargs["service"], self.request.GET
        actions = self.actions()
        pattern = self.part_address("ceiling-action", service=prefix, action="ACTION")
        head, tail = pattern.rsplit("ACTION", 1)
        rows = [
            ActionRow(one, short, _OUTCOME_WORDS[one.outcome], f"{head}{short}{tail}")
            for one in self.chosen(actions)
            for short in [one.name.partition(":")[2]]
        ]
        outcome, level = query.get("outcome", ""), query.get("level", "")
        return super().get_context_data(
            service=prefix,
            service_name=self.ceilings.catalogue.service_names[prefix],
            actions=rows,
            outcomes=[
                (words, sum(one.outcome is kind for one in actions), kind.value == outcome,
                 address(query, outcome=kind.value))
                for kind, words in _OUTCOME_WORDS.items()
                if any(one.outcome is kind for one in actions)
            ],
            all_href=address(query, outcome=None),
            all_count=len(actions),
            is_all=not outcome,
            levels_of_access=[
                (name, sum(one.level == name for one in actions), name == level,
                 address(query, level=None if name == level else name))
                for name in sorted({one.level for one in actions})
            ],
            **kwargs,
        )  # fmt: skip

    def export(self, kind: str) -> HttpResponseBase:
        """Send the actions that are chosen."""
        return export_response(
            kind,
            name=self.file_name(self.kwargs["service"]),
            header=["action", "access_level", "outcome"],
            rows=([one.name, one.level, one.outcome.value] for one in self.chosen(self.actions())),
        )


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A deciding statement with its lines in the policy's text as the policy's page lays it out."""

    statement: DecidingStatement
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
            service_name=catalogue.service_names[prefix],
            service_href=self.part_address("ceiling-service", service=prefix),
            decision=decision,
            outcome_words=_OUTCOME_WORDS[decision.action.outcome],
            statements=[self.described(one) for one in decision.statements],
            not_allowed_at=[(at, self.address_of(at)) for at in decision.not_allowed_at],
            unreadable=[
                (at, policy, self.policy_address(policy)) for at, policy in decision.unreadable
            ],
            **kwargs,
        )

    def described(self, statement: DecidingStatement) -> StatementRow:
        """Add addresses and lines to a statement."""
        document = statement.policy.document
        source = document.source.text if document and document.source else ""
        text = pretty_json(source)
        first, last = statement_lines(text, statement.path)
        return StatementRow(
            statement=statement,
            target_href=self.address_of(statement.target),
            policy_href=f"{self.policy_address(statement.policy)}#line-{first}",
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


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group of accounts, with what tells it from the OU in words."""

    group: AccountGroup
    accounts: tuple[tuple[str, str, str], ...]
    more_accounts: int
    left: int
    removed: int
    removed_services: int
    made_conditional: int
    unknown: int
    named: tuple[str, ...]
    binding: str


class DifferencesPart(CeilingTab):
    """Where the accounts below an OU differ from each other."""

    tab = "differences"
    part_template = "governance/ceilings/groups_part.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the groups of accounts with equal ceilings."""
        groups = account_groups(self.ceilings, self.target_id)
        return super().get_context_data(
            groups=[self.described(group) for group in groups],
            account_count=sum(len(group.account_ids) for group in groups),
            whole=len(self.ceilings.catalogue),
            **kwargs,
        )

    def described(self, group: AccountGroup) -> GroupRow:
        """Name the accounts, and what tells them from the OU."""
        names = self.ceilings.organization.names
        differs = group.removed or group.made_conditional or group.gained
        catalogue = self.ceilings.catalogue
        query = self.kept_query()
        return GroupRow(
            group=group,
            accounts=tuple(
                (
                    names[account_id].name,
                    account_id,
                    reverse(
                        "account",
                        kwargs={"slug": self.connection.slug, "account_id": account_id},
                    )
                    + query,
                )
                for account_id in group.account_ids[:_NAMED_ACCOUNTS]
            ),
            more_accounts=max(0, len(group.account_ids) - _NAMED_ACCOUNTS),
            left=group.ceiling.possible.bit_count(),
            removed=group.removed.bit_count(),
            removed_services=service_count(self.ceilings, group.removed),
            made_conditional=group.made_conditional.bit_count(),
            unknown=group.ceiling.unknown.bit_count(),
            named=_first_actions(catalogue.names, catalogue.indexes(differs)),
            binding="" if group.binding is Binding.BOUND else NOT_MEASURED[group.binding].title,
        )

    def export(self, kind: str) -> HttpResponseBase:
        """Send each account with the number of its group."""
        groups = account_groups(self.ceilings, self.target_id)
        return export_response(
            kind,
            name=self.file_name("differences"),
            header=["group", "account_id", "always", "conditional", "never", "unknown"],
            rows=(
                [
                    number,
                    account_id,
                    group.ceiling.always.bit_count(),
                    group.ceiling.conditional.bit_count(),
                    group.ceiling.never.bit_count(),
                    group.ceiling.unknown.bit_count(),
                ]
                for number, group in enumerate(groups, start=1)
                for account_id in group.account_ids
            ),
        )


def _first_actions(names: Sequence[str], indexes: Iterator[int]) -> tuple[str, ...]:
    found = []
    for index in indexes:
        found.append(names[index])
        if len(found) == _NAMED_ACTIONS:
            break
    return tuple(found)


class AccountCeiling(CeilingPage, AccountPage):
    """The account's side of the tab."""

    template_name = "governance/ceilings/account_page.html"
    route = "account"
    id_argument = "account_id"


class UnitCeiling(CeilingPage, UnitFrame):
    """The OU's side of the tab."""

    template_name = "governance/ceilings/unit_page.html"
    route = "organizational-unit"
    id_argument = "target_id"


class AccountServices(ServicesPart, AccountCeiling):
    """The services of an account."""


class AccountActions(ActionsPart, AccountCeiling):
    """The actions of a service in an account."""


class AccountAction(ActionPart, AccountCeiling):
    """One action in an account."""


class UnitServices(ServicesPart, UnitCeiling):
    """The services of an OU."""


class UnitActions(ActionsPart, UnitCeiling):
    """The actions of a service in an OU."""


class UnitAction(ActionPart, UnitCeiling):
    """One action in an OU."""


class UnitDifferences(DifferencesPart, UnitCeiling):
    """Where the accounts of an OU differ."""
