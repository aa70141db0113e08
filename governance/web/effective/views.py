"""The tab Effective policies: each management policy type as it comes out at an account or OU."""

from typing import Any, ClassVar
from urllib.parse import urlencode

from django.http import Http404

from governance.posture.effective.groups import groups_below
from governance.posture.effective.organization import ManagementOrganization, load_management
from governance.posture.effective.targets import (
    Answers,
    EffectiveAtTarget,
    EffectiveState,
    Fared,
    effective_at,
)
from governance.web.accounts.account import AccountPage
from governance.web.accounts.unit import UnitFrame
from governance.web.effective.rows import CardMaker, EffectiveCard
from governance.web.parts.pages import ConnectionPage
from inventory.policy_types import MANAGEMENT_POLICY_TYPES, policy_type
from inventory.selectors.effective_policies import effective_answers, policies_fared
from inventory.selectors.freshness import AUTHORIZATION_TABLES


class EffectivePage(ConnectionPage):
    """What the tab reads for any target."""

    tab = "effective"
    shows_tables: ClassVar[tuple[str, ...]] = (*AUTHORIZATION_TABLES, "EffectivePolicy")
    management: ManagementOrganization
    fared: Fared

    def begin(self) -> None:
        """Read the management policies.

        :raises Http404: the target is in no tree at that time.
        """
        super().begin()
        connection, as_of = self.connection, self.as_of
        self.management = load_management(self.viewer, connection=connection, as_of=as_of)
        self.fared = policies_fared(self.viewer, connection=connection, as_of=as_of)

    def effective(self, target_id: str, kind: str, answers: Answers) -> EffectiveAtTarget:
        """Return one type's effective policy.

        :raises Http404: the target's parents were not collected.
        """
        try:
            return effective_at(
                self.management,
                target_id,
                policy_type=kind,
                answers=answers,
                fared=self.fared,
            )
        except KeyError:
            raise Http404(f"{target_id} is in no tree that was collected at that time.") from None

    def answers(self, *target_ids: str) -> Answers:
        """Read AWS's answers for the chains of these targets."""
        chains = {
            (kind, self.management.chain(kind, target_id))
            for kind in self.management.enabled_types
            for target_id in target_ids
            if target_id in self.management.organization.names
        }
        return effective_answers(
            self.viewer, connection=self.connection, chains=chains, as_of=self.as_of
        )

    @property
    def maker(self) -> CardMaker:
        """What describes the policies."""
        query = f"?{urlencode({'as_of': self.as_of.isoformat()})}" if self.as_of else ""
        return CardMaker(self.management, slug=self.connection.slug, query=query)

    def sorted_out(self, cards: list[EffectiveCard]) -> dict[str, Any]:
        """Return what the template shows: the types that are on, and those that are off."""
        off = [card for card in cards if card.effective.state is EffectiveState.NOT_ENABLED]
        on = [card for card in cards if card.effective.state is not EffectiveState.NOT_ENABLED]
        return {
            "cards": on,
            "not_enabled": [policy_type(card.key) for card in off],
            "known_at_all": self.management.organization.is_known,
            "not_certain": any(not row.is_certain for card in on for row in card.settings),
        }


class AccountEffective(EffectivePage, AccountPage):
    """The effective policies of an account."""

    template_name = "governance/effective/account.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add a card for each type."""
        target_id = self.account.account_id
        answers = self.answers(target_id)
        cards = [
            self.maker.card(self.effective(target_id, kind, answers))
            for kind in MANAGEMENT_POLICY_TYPES
        ]
        return super().get_context_data(
            **self.sorted_out(cards),
            is_management=target_id == self.management.organization.management_account_id,
            **kwargs,
        )


class UnitEffective(EffectivePage, UnitFrame):
    """What an account placed in an OU would get, and which accounts below get something else."""

    template_name = "governance/effective/unit.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add a card for each type, with the accounts below by what they come to."""
        target_id, management = self.unit.target_id, self.management
        if target_id not in management.organization.names:
            raise Http404(f"{target_id} is in no tree that was collected at that time.")
        answers = effective_answers(
            self.viewer,
            connection=self.connection,
            chains=management.chains_from(target_id),
            as_of=self.as_of,
        )
        cards = []
        for kind in MANAGEMENT_POLICY_TYPES:
            own = self.effective(target_id, kind, answers)
            groups = (
                groups_below(management, own, answers=answers)
                if kind in management.enabled and own.state is not EffectiveState.NOT_COLLECTED
                else ()
            )
            cards.append(self.maker.card(own, groups))
        return super().get_context_data(**self.sorted_out(cards), **kwargs)
