"""The home screen of an organization."""

import logging
from collections.abc import Sequence
from itertools import islice
from typing import Any, Final

from redis.exceptions import RedisError

from governance.access import rights
from governance.collection.health import collection_health
from governance.web.parts.coverage import problems_by_account
from governance.web.parts.frame import held_grants
from governance.web.parts.known_accounts import known_accounts
from governance.web.parts.pages import ConnectionPage, Crumb, Fact
from governance.web.posture.changed import NOUNS, shown_changes
from governance.web.posture.demo_tour import tour_questions
from governance.web.posture.waiting import (
    WaitingLine,
    changes_moving,
    waiting_for_person,
)
from inventory.models import InventoryRun, PolicyAttachment
from inventory.policy_types import POLICY_TYPES
from inventory.selectors.connections import latest_whole_run
from inventory.selectors.coverage import Knowledge
from inventory.selectors.coverage_problems import coverage_problems
from inventory.selectors.hierarchy import accounts, organization
from inventory.selectors.history import VersionChange, change_counts, changes
from inventory.selectors.policies import policies, policy_counts
from inventory.selectors.principals import principal_counts
from inventory.selectors.runs import active_run, run_progress
from inventory.selectors.suspected import ALL_TABLES
from inventory.selectors.trees import unit_tree

logger = logging.getLogger(__name__)

_CHANGES_SHOWN: Final = 12
# Of each table; things that changed and changed back are not shown.
_CHANGES_COMPARED: Final = 50
_PROBLEMS_SHOWN: Final = 8

_STALLED_TITLES: Final = {
    "beat": "Beat is silent: collection is stalled",
    "queue": "The queue is stalled",
    "workers": "No worker collects",
}
_WITHOUT_VALKEY: Final = (
    "Valkey does not answer: collection is stalled",
    "Whether beat and workers are up is not known. Check that Valkey is up and that this server "
    "reaches it: without it no run starts or goes on.",
)
# How each kind of knowledge is told, with what to do about it.
_KNOWLEDGE: Final = (
    (Knowledge.COLLECTED, "every collector complete and fresh"),
    (Knowledge.PARTIAL, "some collectors are not complete"),
    (Knowledge.STALE, "complete, but too long ago"),
    (Knowledge.DENIED, "the audit role is missing or refuses"),
    (Knowledge.FAILED, "no collector succeeded"),
    (Knowledge.UNKNOWN, "no run has read them yet"),
    (Knowledge.SKIPPED, "suspended or closed, cannot be read"),
)


class PosturePage(ConnectionPage):
    """Coverage, freshness, counts, what changed, what needs somebody."""

    required_right = rights.VIEW_INVENTORY
    template_name = "governance/posture/page.html"
    section = "posture"
    shows_tables = ALL_TABLES
    page_title = "Posture"

    def freshness(self) -> None:
        """Leave it to the page itself, which lists every collector that did not read all."""

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the organization and this page."""
        return [Crumb(self.connection.name), Crumb("Posture")]

    def get_facts(self) -> Sequence[Fact]:
        """Say which organization this is, and how often it is read."""
        if not self.connection.organization_id:
            return []
        every = self.connection.schedule_minutes
        return [
            Fact("Organization", self.connection.organization_id),
            Fact("Read", f"every {every:,} min" if every else "manual only"),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Read everything, or only why nothing is known yet."""
        run = latest_whole_run(self.viewer, connection=self.connection)
        active = active_run(self.viewer, connection=self.connection)
        shared = {
            "run": run,
            "active": active,
            "active_progress": run_progress(self.viewer, run=active) if active else None,
            "may_start": self.may(rights.START_RUN),
            "stalled": self.stalled(),
        }
        if run is None:
            return super().get_context_data(**shared, **kwargs)
        return super().get_context_data(
            **shared,
            tour=tour_questions(self),
            **self.recent(("posture, counts", run.pk), self.counts),
            **self.recent(("posture, known", run.pk), self.known),
            **self.recent(("posture, changed", run.pk), lambda: self.changed(run)),
            **self.recent(
                ("posture, requests", self.person.pk, held_grants(self.person)), self.requests
            ),
            shows_trust=self.may(rights.VIEW_TRUST, None),
            shows_findings=self.may(rights.VIEW_FINDINGS, None),
            shows_guardrails=self.may(rights.VIEW_GUARDRAILS, None),
            **kwargs,
        )

    def stalled(self) -> Sequence[tuple[str, str]]:
        """Return what keeps collecting from going on: a title and what to do."""
        try:
            problems = collection_health(now=self.now).problems
        except RedisError as error:
            logger.warning("the state of collecting cannot be read: %s", error)
            return [_WITHOUT_VALKEY]
        return [(_STALLED_TITLES[part], words) for part, words in problems.items()]

    def requests(self) -> dict[str, Any]:
        """Return what waits for this person, and the change requests under way."""
        moving: Sequence[WaitingLine] = ()
        if self.may(rights.VIEW_CHANGES, None):
            moving = changes_moving(self.viewer, connection=self.connection)
        return {"waiting": waiting_for_person(self), "changes_moving": moving}

    def known(self) -> dict[str, Any]:
        """Return how well the accounts are known and what stands in the way."""
        coverage = known_accounts(
            self.request, self.viewer, connection=self.connection, now=self.now
        )
        found = coverage_problems(self.viewer, connection=self.connection, accounts=_PROBLEMS_SHOWN)
        problems = problems_by_account(found.rows)
        names = self.account_names(set(problems))
        return {
            "coverage": coverage,
            "knowledge": [
                (state, coverage.by_knowledge[state], words)
                for state, words in _KNOWLEDGE
                if coverage.by_knowledge.get(state)
            ],
            "problems": [
                (names.get(account_id, "The organization"), one)
                for account_id, one in problems.items()
            ],
            "more_problems": found.accounts - found.shown,
        }

    def account_names(self, account_ids: set[str]) -> dict[str, str]:
        """Return the names of some accounts."""
        rows: list[tuple[str, str]] = list(
            accounts(self.viewer, connection=self.connection)
            .filter(account_id__in=account_ids)
            .values_list("account_id", "name")
        )
        return dict(rows)

    def names_in(self, found: Sequence[VersionChange]) -> dict[str, str]:
        """Return the names of the policies, OUs and accounts that attachments are between."""
        ids = {part for one in found if one.model is PolicyAttachment for part in one.key}
        if not ids:
            return {}
        tree = unit_tree(self.viewer, connection=self.connection).tree
        rows = policies(self.viewer, connection=self.connection).filter(policy_id__in=ids)
        return {
            **dict(rows.values_list("policy_id", "name")),
            **{one: tree.by_id[one].name for one in ids if one in tree.by_id},
            **self.account_names({one for one in ids if one.isdecimal()}),
        }

    def counts(self) -> dict[str, Any]:
        """Count what the organization holds."""
        units = unit_tree(self.viewer, connection=self.connection)
        found = units.tree
        by_type = policy_counts(self.viewer, connection=self.connection)
        principals = principal_counts(self.viewer, connection=self.connection)
        return {
            "organization": organization(self.viewer, connection=self.connection),
            "units": len(found.by_id) - 1 if found.root else 0,
            "attachments": units.attachments,
            "policy_types": [
                (kind, by_type.get(kind.name, 0), kind.name in found.enabled_policy_types)
                for kind in POLICY_TYPES
                if kind.name in found.enabled_policy_types or by_type.get(kind.name)
            ],
            "policies_total": sum(by_type.values()),
            "roles": principals.get("role", 0),
            "users": principals.get("user", 0),
        }

    def changed(self, run: InventoryRun) -> dict[str, Any]:
        """Return what differs since the run before `run`, the newest one."""
        if run.started_at is None:
            return {}
        before = latest_whole_run(self.viewer, connection=self.connection, before=run.started_at)
        if before is None or before.started_at is None:
            return {}
        after, until = before.started_at, self.now
        counts = change_counts(self.viewer, connection=self.connection, after=after, until=until)
        found = list(
            islice(
                changes(
                    self.viewer,
                    connection=self.connection,
                    after=after,
                    until=until,
                    limit=_CHANGES_COMPARED,
                ),
                _CHANGES_SHOWN,
            )
        )
        return {
            "changed_since": before.started_at,
            "compare_query": f"?from={before.pk}&until=now",
            "changes": shown_changes(found, slug=self.connection.slug, names=self.names_in(found)),
            "changes_total": sum(counts.values()),
            "change_counts": [
                (noun.singular if counts[key] == 1 else noun.plural, counts[key])
                for model, noun in NOUNS.items()
                if counts.get(key := model._meta.model_name or "")
            ],
        }
