"""One account: its levels, IAM settings, credentials, coverage and history."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse

from governance.access import rights
from governance.posture.identities.selectors import compared_identities
from governance.presentation.console_links import account_console
from governance.web.accounts.iam_settings import label_of, six_settings, value_of
from governance.web.ceilings.context import ceiling_context
from governance.web.ceilings.reading import CeilingPage
from governance.web.owners.asking import asked_about
from governance.web.parts.ages import exact
from governance.web.parts.changes import steps
from governance.web.parts.containing import contain_href
from governance.web.parts.coverage import collector_label, coverage_cells, grouped_problems
from governance.web.parts.first_seen import first_seen_fact
from governance.web.parts.knowledge import knowledge_of
from governance.web.parts.last_readings import last_reading_of
from governance.web.parts.level_stacks import level_stack_of
from governance.web.parts.pages import ConnectionPage, Crumb, Fact, Tab
from inventory.models import Account, Coverage
from inventory.models.versions import Version
from inventory.selectors.accounts import account_history
from inventory.selectors.coverage import account_coverage, detail_aged_out_at, latest_coverage
from inventory.selectors.freshness import AUTHORIZATION_TABLES
from inventory.selectors.hierarchy import Level, accounts
from inventory.selectors.principals import (
    account_settings,
    identity_providers,
    principal_counts,
    user_credentials,
)
from inventory.selectors.runs import active_run
from inventory.selectors.suspected import ACCOUNT_TABLES

_EXCEPTIONS_SHOWN: Final = 3
AS_EXPECTED: Final = (Coverage.State.COMPLETE, Coverage.State.UNSUPPORTED)


def way_to(stack: Sequence[Level], slug: str) -> list[Crumb]:
    """Return the crumbs from the organization down to the last level."""
    crumbs = [Crumb("Organization", reverse("organization", kwargs={"slug": slug}))]
    crumbs += [
        Crumb(
            level.name,
            reverse("organizational-unit", kwargs={"slug": slug, "target_id": level.target_id}),
        )
        for level in stack
        if level.kind == "ORGANIZATIONAL_UNIT"
    ]
    if stack and stack[-1].kind == "ACCOUNT":
        crumbs.append(Crumb(stack[-1].name))
    return crumbs


class AccountPage(ConnectionPage):
    """What the tabs of an account share."""

    required_right = rights.VIEW_INVENTORY
    section = "organization"
    shows_tables: ClassVar[tuple[str, ...]] = ACCOUNT_TABLES
    tab = "overview"
    account: Account
    stack: list[Level]

    def begin(self) -> None:
        """Find the account at the time looked at.

        :raises Http404: it was not in the organization then.
        """
        super().begin()
        account_id = self.kwargs["account_id"]
        found = (
            accounts(self.viewer, connection=self.connection, as_of=self.as_of)
            .filter(account_id=account_id)
            .first()
        )
        if found is None:
            raise Http404(f"Account {account_id} is not in the organization at that time.")
        self.account = found
        self.stack = level_stack_of(self, account_id)

    def shown_account_id(self) -> str:
        """Return this account."""
        return self.account.account_id

    def get_title(self) -> str:
        """Return the account's name."""
        return self.account.name

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the OUs above it."""
        return way_to(self.stack, self.connection.slug)

    def get_facts(self) -> Sequence[Fact]:
        """Say what AWS knows of the account itself."""
        facts = [Fact("Email", self.account.email)]
        if self.account.joined_at is not None:
            how = self.account.joined_method.capitalize()
            facts.append(Fact(how, exact(self.account.joined_at)))
        else:
            facts.append(first_seen_fact(self, self.account))
        facts += [
            Fact(key, value)
            for key, value in self.account.tags.items()
            if key.casefold() in {"business-unit", "dataclassification"}
        ]
        return facts

    def get_tabs(self) -> Sequence[Tab]:
        """Return the tabs."""
        arguments = {"slug": self.connection.slug, "account_id": self.account.account_id}
        query = f"?{urlencode({'as_of': self.as_of.isoformat()})}" if self.as_of else ""
        return [
            Tab(label, reverse(name, kwargs=arguments) + query, current=self.tab == key)
            for key, label, name in (
                ("overview", "Overview", "account"),
                ("ceiling", "Ceiling", "account-ceiling"),
                ("effective", "Effective policies", "account-effective-policies"),
                ("iam", "IAM", "account-iam"),
                ("resources", "Resources", "account-resources"),
                ("usage", "Usage", "account-usage"),
                ("coverage", "Coverage", "account-coverage"),
                ("history", "History", "account-history"),
            )
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the account and how well it is known."""
        summary = account_coverage(
            self.viewer,
            connection=self.connection,
            account_id=self.account.account_id,
            now=self.now,
            as_of=self.as_of,
        )
        return super().get_context_data(
            account=self.account,
            shows_trust=self.may(rights.VIEW_TRUST, None),
            console_href=account_console(
                self.account.account_id, region=self.connection.home_region
            ),
            summary=summary,
            aged_out_at=detail_aged_out_at(
                self.viewer, connection=self.connection, as_of=self.as_of
            ),
            knowledge=knowledge_of(summary),
            may_collect=self.may(rights.START_RUN, self.account.account_id) and self.as_of is None,
            contain_href=contain_href(self, self.account.account_id),
            active_run=active_run(self.viewer, connection=self.connection),
            **kwargs,
        )

    def of_account(self) -> dict[str, Any]:
        """Return what selectors of this account take."""
        return {
            "connection": self.connection,
            "account_id": self.account.account_id,
            "as_of": self.as_of,
        }

    def newest_coverage(self) -> list[Coverage]:
        """Return the newest coverage of each collector."""
        return list(
            latest_coverage(self.viewer, connection=self.connection, as_of=self.as_of)
            .filter(account_id=self.account.account_id)
            .order_by("collector", "region")
        )


class AccountOverview(CeilingPage, AccountPage):
    """The level stack and the ceiling by service beside coverage and counts."""

    route = "account"
    id_argument = "account_id"
    shows_tables: ClassVar[tuple[str, ...]] = (*AUTHORIZATION_TABLES, *ACCOUNT_TABLES)

    template_name = "governance/accounts/overview.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the stack, the counts of principals and the coverage strip."""
        account_id = self.account.account_id
        coverage = self.recent(("newest coverage", account_id), self.newest_coverage)
        exceptions = grouped_problems(row for row in coverage if row.state not in AS_EXPECTED)
        return super().get_context_data(
            **ceiling_context(self, self.stack),
            shows_guardrails=self.may(rights.VIEW_GUARDRAILS, None),
            cells=coverage_cells(coverage),
            exceptions=exceptions[:_EXCEPTIONS_SHOWN],
            more_exceptions=max(0, len(exceptions) - _EXCEPTIONS_SHOWN),
            asked=self.recent(("asked about", account_id), lambda: asked_about(self, account_id)),
            iam_coverage=next(
                (row for row in coverage if row.collector == "iam.authorization_details"), None
            ),
            principal_counts=principal_counts(self.viewer, **self.of_account()),
            settings=account_settings(self.viewer, **self.of_account()),
            providers=list(identity_providers(self.viewer, **self.of_account())),
            **kwargs,
        )


class AccountIam(AccountPage):
    """Settings, credentials and identity providers."""

    template_name = "governance/accounts/iam.html"
    tab = "iam"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what was collected; a collector that is not complete is told as such."""
        coverage = {row.collector.removeprefix("iam."): row for row in self.newest_coverage()}
        settings = account_settings(self.viewer, **self.of_account())
        password_policy = settings.get("password_policy")
        summary = settings.get("account_summary")
        return super().get_context_data(
            coverage=coverage,
            last_reading=last_reading_of(self, self.account.account_id, collector="iam."),
            password_policy=password_policy,
            password_rules=[
                (label_of(name), value_of(value))
                for name, value in (password_policy.value or {}).items()
            ]
            if password_policy
            else [],
            six_settings=six_settings(
                summary.value if summary else None,
                password_policy.value if password_policy else None,
                is_read=password_policy is not None,
            ),
            account_summary=[
                (label_of(name), value_of(value)) for name, value in (summary.value or {}).items()
            ]
            if summary
            else None,
            aliases=settings.get("account_aliases"),
            identities=compared_identities(
                self.viewer, parent_id=self.account.parent_id, **self.of_account()
            ),
            credentials=list(user_credentials(self.viewer, **self.of_account())),
            providers=list(identity_providers(self.viewer, **self.of_account())),
            **kwargs,
        )


class AccountCoverageTab(AccountPage):
    """What each collector got, with the remedy where it got nothing."""

    template_name = "governance/accounts/coverage.html"
    tab = "coverage"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the newest coverage."""
        rows = self.newest_coverage()
        return super().get_context_data(
            coverage_rows=[(collector_label(row.collector), row) for row in rows], **kwargs
        )


class AccountHistory(AccountPage):
    """When what changed."""

    template_name = "governance/accounts/history.html"
    tab = "history"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the versions."""
        versions: list[Version] = list(
            account_history(
                self.viewer,
                connection=self.connection,
                account_id=self.account.account_id,
            )
        )
        return super().get_context_data(steps=steps(versions, noun="account"), **kwargs)
