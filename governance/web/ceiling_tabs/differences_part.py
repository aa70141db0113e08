"""Where the accounts below an OU differ from each other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpResponseBase
from django.urls import reverse

from governance.posture.ceilings.groups import CeilingGroup, account_groups
from governance.posture.ceilings.services import service_count
from governance.web.ceiling_tabs.tab import CeilingTab, UnitCeilingTab
from governance.web.ceilings.wording import not_measured
from governance.web.parts.exports import export_response

_NAMED_ACTIONS: Final = 6
_NAMED_ACCOUNTS: Final = 12
_NAMED_POLICIES: Final = 6


@dataclass(frozen=True, slots=True)
class SeparatingLine:
    """Policies that other accounts do not have, of one place. `where`: its name or their number.

    `policies`: name and address of each.
    """

    where: str
    policies: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CeilingGroupRow:
    """A group of accounts, with what tells it from the OU in words."""

    group: CeilingGroup
    accounts: tuple[tuple[str, str, str], ...]
    more_accounts: int
    left: int
    removed: int
    removed_services: int
    made_conditional: int
    unknown: int
    named: tuple[str, ...]
    binding: str
    separated_by: tuple[SeparatingLine, ...]
    more_separating: int


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
            whole=self.ceilings.scope.bit_count(),
            **kwargs,
        )

    def described(self, group: CeilingGroup) -> CeilingGroupRow:
        """Name the accounts, and what tells them from the OU."""
        names = self.ceilings.organization.names
        differs = group.removed or group.made_conditional or group.gained
        catalogue = self.ceilings.catalogue
        query = self.kept_query()
        not_measured_text = not_measured(group.binding, self.policy_type)
        return CeilingGroupRow(
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
            binding=not_measured_text.title if not_measured_text else "",
            separated_by=self.separating(group),
            more_separating=max(0, len(group.separated_by) - _NAMED_POLICIES),
        )

    def separating(self, group: CeilingGroup) -> tuple[SeparatingLine, ...]:
        """Name the first policies that separate a group, by where they are attached."""
        names, by_place = self.ceilings.organization.names, dict[str, list[tuple[str, str]]]()
        for one in group.separated_by[:_NAMED_POLICIES]:
            href = self.href("policy", policy_id=one.policy.policy_id) + self.as_of_query
            where = _where(
                [names[target_id].name for target_id in one.target_ids],
                one.accounts,
                len(group.account_ids),
            )
            by_place.setdefault(where, []).append((one.policy.name, href))
        return tuple(SeparatingLine(where, tuple(policies)) for where, policies in by_place.items())

    def export(self, kind: str) -> HttpResponseBase:
        """Send each account with the number of its group."""
        groups = account_groups(self.ceilings, self.target_id)
        return export_response(
            kind,
            name=self.file_name("differences"),
            header=[
                "group", "account_id", "always", "conditional", "never", "unknown", "separated_by",
            ],
            rows=(
                [
                    number,
                    account_id,
                    group.ceiling.always.bit_count(),
                    group.ceiling.conditional.bit_count(),
                    group.ceiling.never.bit_count(),
                    group.ceiling.unknown.bit_count(),
                    [one.policy.policy_id for one in group.separated_by],
                ]
                for number, group in enumerate(groups, start=1)
                for account_id in group.account_ids
            ),
        )  # fmt: skip


def _where(names: Sequence[str], accounts: int, whole: int) -> str:
    place = names[0] if len(names) == 1 else f"{len(names):,} targets"
    return place if accounts == whole else f"{place}, {accounts:,} of {whole:,} accounts"


def _first_actions(names: Sequence[str], indexes: Iterator[int]) -> tuple[str, ...]:
    found = []
    for index in indexes:
        found.append(names[index])
        if len(found) == _NAMED_ACTIONS:
            break
    return tuple(found)


class UnitDifferences(DifferencesPart, UnitCeilingTab):
    """Where the accounts of an OU differ."""
