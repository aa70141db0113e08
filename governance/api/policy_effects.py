"""/policies/…: lint, the accounts that a policy reaches, and what each statement changes."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.api.parts.endpoints import OrganizationEndpoint
from governance.api.parts.list_endpoint import ListEndpoint, by
from governance.api.parts.pagination import Key, PageRequest, RowPage, page_of_part
from governance.api.parts.problems import NOT_FOUND, Problem
from governance.api.policies import OnePolicy, found_policy
from governance.api.policy_effect_representations import (
    PolicyLintRepresentation,
    PolicyStatementRepresentation,
    ReachedAccountRepresentation,
)
from governance.filtering.reached_accounts import ReachedAccountFilters
from governance.policy_effect.linting import lint_of
from governance.policy_effect.reach import PolicyReach, policy_reach, reached_accounts
from governance.policy_effect.statements import StatementEffect, policy_statements
from governance.posture.state.organization import CONTROL_TYPES
from inventory.models import Account, Policy
from inventory.selectors.freshness import AUTHORIZATION_TABLES

SECONDS_A_PAGE: Final = 2.0


class PolicyLint(OnePolicy):
    """What lint has to say of one policy."""

    representation = PolicyLintRepresentation

    def get(self, request: Request, **kwargs: str) -> Response:
        """Lint a policy by today's limits, in view of the policies that hold beside it."""
        policy = self.policy()
        reach = _reach_of(self, policy)
        report = lint_of(policy.content.text, reach, today=self.now.date())
        readable = None if report is None else report.is_policy
        effect = {
            "policy_id": policy.policy_id,
            "content_sha256": policy.content_id,
            "checked": report is not None,
            "is_readable": readable,
            "unknown_accounts": len(reach.touched_ids) if readable is False else 0,
            "size": report.size if report else None,
            "size_limit": report.size_limit if report else None,
            "findings": report.findings if report else None,
        }
        return self.answer(self.serialized(effect))


class _ListOfPolicy(ListEndpoint):
    shows_tables = AUTHORIZATION_TABLES
    topic = "Policies"
    rights = {"GET": rights.VIEW_INVENTORY}
    collectors = ("organizations.policies.",)

    def policy_and_reach(self) -> tuple[Policy, PolicyReach]:
        """Find the policy and whom it reaches.

        :raises Problem: there is none, or was none then.
        """
        policy = found_policy(self, as_of=self.as_of)
        return policy, _reach_of(self, policy)


class PolicyAccountsEndpoint(_ListOfPolicy):
    """The accounts that one policy reaches."""

    representation = ReachedAccountRepresentation
    queryset = Account.objects.none()
    filterset_class = ReachedAccountFilters
    orderings = {
        "name": by("name", "account_id"),
        "account_id": by("account_id"),
        "bound": by("bound", "account_id"),
        "state": by("state", "account_id"),
    }
    usual_ordering = "name"
    _reach: PolicyReach

    def rows(self) -> Any:
        """Return the accounts at or below its targets."""
        _, self._reach = self.policy_and_reach()
        return reached_accounts(
            self.viewer, connection=self.connection, reach=self._reach, as_of=self.as_of
        )

    def context(self, rows: Sequence[Any]) -> Mapping[str, Any]:
        """Return what tells the way to each account."""
        return {"reach": self._reach}

    def get(self, request: Request, **kwargs: str) -> Response:
        """List the accounts at or below its targets, and whether it has effect on each."""
        return self.respond()


class PolicyStatementsEndpoint(_ListOfPolicy):
    """What each statement of one policy changes."""

    representation = PolicyStatementRepresentation
    queryset = Policy.objects.none()
    orderings = {"number": (Key("number"),)}
    usual_ordering = "number"

    def page(self, asked: PageRequest) -> RowPage:
        """Look at as many statements as the time allows; `next` goes on behind them."""
        policy, reach = self.policy_and_reach()
        if policy.type not in CONTROL_TYPES:
            raise Problem(
                NOT_FOUND,
                f"{policy.policy_id} is of type {policy.type}: it holds settings, no statements",
            )
        statements = policy_statements(reach)
        if not statements.is_readable:
            raise Problem(
                NOT_FOUND,
                f"{policy.policy_id} cannot be read, so what its statements do is not known; "
                "/lint says what is wrong",
            )
        numbers = list(range(1, len(statements.statements) + 1))
        descending = asked.keys[0].descending
        if asked.after is not None:
            after = asked.after[0]
            numbers = [one for one in numbers if (one < after if descending else one > after)]
        until = time.monotonic() + SECONDS_A_PAGE
        found: list[StatementEffect] = []
        for number in reversed(numbers) if descending else numbers:
            if found and (len(found) == asked.limit or time.monotonic() >= until):
                break
            found.append(statements.of(number))
        more = len(found) < len(numbers)
        return page_of_part(found, asked, key=lambda effect: [effect.number], more=more)

    def get(self, request: Request, **kwargs: str) -> Response:
        """Say of each statement whether it has effect where the policy is attached, and why not.

        A page may hold fewer statements than `limit`: it ends when its time is over, and `next`
        goes on.
        """
        return self.respond()


def _reach_of(view: OrganizationEndpoint, policy: Policy) -> PolicyReach:
    return policy_reach(view.viewer, connection=view.connection, policy=policy, as_of=view.as_of)
