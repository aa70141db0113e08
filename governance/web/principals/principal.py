"""One IAM principal: who may become it, what it is given, its credentials, use and history."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final
from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse

from governance.access import rights
from governance.posture.identities.selectors import identities_of
from governance.posture.state.identities import AttachedText, attached_text
from governance.presentation.console_links import principal_console
from governance.web.parts.ages import exact
from governance.web.parts.containing import contain_href
from governance.web.parts.last_readings import last_reading_of
from governance.web.parts.pages import ConnectionPage, Crumb, Fact, Tab
from governance.web.parts.who_can_links import who_can_href
from governance.web.principals.credentials import credentials_of
from governance.web.principals.frame import COLLECTOR
from governance.web.principals.history import principal_steps
from inventory.models import Coverage, Principal
from inventory.selectors.coverage import detail_aged_out_at, latest_coverage
from inventory.selectors.last_use import last_use_of
from inventory.selectors.principals import PrincipalDetail, principal_detail, principal_history

_CREDENTIALS: Final = "iam.credential_report"


class PrincipalPart(ConnectionPage):
    """What the tabs of a principal share."""

    required_right = rights.VIEW_INVENTORY
    section = "principals"
    shows_tables = ("Principal", "IamPolicy", "UserCredential")
    tab = "principal"
    detail: PrincipalDetail

    def begin(self) -> None:
        """Find the principal at the time looked at.

        :raises Http404: there was none with this ARN; the message says when it was there, if ever.
        """
        super().begin()
        arn = self.kwargs["arn"]
        found = principal_detail(self.viewer, connection=self.connection, arn=arn, as_of=self.as_of)
        if found is None:
            raise Http404(self._when_it_was_there(arn))
        self.detail = found

    def shown_account_id(self) -> str:
        """Return the principal's account."""
        return self.detail.principal.account_id

    def _when_it_was_there(self, arn: str) -> str:
        newest = principal_history(self.viewer, connection=self.connection, arn=arn).first()
        if newest is None:
            return f"No inventory run of {self.connection.name} has seen a principal {arn}."
        until = f"until {exact(newest.seen_until)}" if newest.seen_until else "and is there now"
        return (
            f"{arn} is not on record at that time. Its newest version was seen from "
            f"{exact(newest.seen_from)} {until}: give as_of a time between."
        )

    @property
    def principal(self) -> Principal:
        """The principal as it was then."""
        return self.detail.principal

    def get_title(self) -> str:
        """Return the principal's name."""
        return self.principal.name

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the list, the account and this principal."""
        slug, account_id = self.connection.slug, self.principal.account_id
        return [
            Crumb("Principals", reverse("principals", kwargs={"slug": slug})),
            Crumb(
                getattr(self.principal, "account_name", None) or account_id,
                reverse("account-iam", kwargs={"slug": slug, "account_id": account_id}),
            ),
            Crumb(self.get_title()),
        ]

    def get_facts(self) -> Sequence[Fact]:
        """Say what it is, where, and since when it reads so."""
        row = self.principal
        facts = [Fact("Path", row.path), Fact("Unique id", row.unique_id)]
        if row.created_at is not None:
            facts.append(Fact("Created", exact(row.created_at)))
        facts.append(Fact("This version since", exact(row.seen_from)))
        return facts

    def question_href(self, route: str, field: str) -> str:
        """Return the address of a question about the principal; empty for a group, which acts not.

        `field`: what the question calls it.
        """
        if self.principal.kind == Principal.Kind.GROUP:
            return ""
        asked = {field: self.principal.arn}
        if self.request.GET.get("as_of"):
            asked["as_of"] = self.request.GET["as_of"]
        return f"{reverse(route, kwargs={'slug': self.connection.slug})}?{urlencode(asked)}"

    def get_tabs(self) -> Sequence[Tab]:
        """Return the tabs."""
        arguments = {"slug": self.connection.slug, "arn": self.principal.arn}
        query = f"?as_of={self.as_of:%Y-%m-%dT%H:%M:%SZ}" if self.as_of else ""
        return [
            Tab(
                "Policies",
                reverse("principal", kwargs=arguments) + query,
                current=self.tab == "principal",
            ),
            Tab(
                "Usage",
                reverse("principal-usage", kwargs=arguments) + query,
                current=self.tab == "usage",
            ),
            Tab(
                "History",
                reverse("principal-history", kwargs=arguments) + query,
                current=self.tab == "history",
            ),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the principal and how well its account's IAM is known."""
        row = self.principal
        coverage = {
            one.collector: one
            for one in latest_coverage(
                self.viewer, connection=self.connection, as_of=self.as_of
            ).filter(account_id=row.account_id, collector__in=[COLLECTOR, _CREDENTIALS])
        }
        iam = coverage.get(COLLECTOR)
        last_reading = last_reading_of(self, row.account_id, collector=COLLECTOR)
        return super().get_context_data(
            principal=row,
            detail=self.detail,
            last_reading=last_reading,
            iam_problem=iam
            if iam and iam.state != Coverage.State.COMPLETE and last_reading is None
            else None,
            report=coverage.get(_CREDENTIALS),
            aged_out_at=None
            if iam
            else detail_aged_out_at(self.viewer, connection=self.connection, as_of=self.as_of),
            contain_href=""
            if row.kind == Principal.Kind.GROUP
            else contain_href(self, row.account_id, row.arn),
            console_href=principal_console(row.kind, row.name, region=self.connection.home_region),
            reach_href=self.question_href("trust-paths", "from")
            if self.may(rights.VIEW_TRUST, None)
            else "",
            denied_href=self.question_href("why-denied", "principal"),
            assume_href=who_can_href(
                self.connection.slug,
                as_of_text=self.request.GET.get("as_of", ""),
                action="sts:AssumeRole",
                resource=row.arn,
            ),
            **kwargs,
        )


class PrincipalPage(PrincipalPart):
    """A user, group or role with every policy that applies to it."""

    template_name = "governance/principals/principal.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the policies by kind, the credentials and the use."""
        row, detail = self.principal, self.detail
        activity = detail.activity
        policies = [attached_text(policy) for policy in detail.policies]
        return super().get_context_data(
            trust=next((one for one in policies if one.kind == "trust"), None),
            boundary=next((one for one in policies if one.kind == "boundary"), None),
            given=[
                one for one in policies if one.kind in {"managed", "inline"} and not one.via_group
            ],
            by_group=_by_group(policies),
            credentials=credentials_of(detail.credential, activity, as_of=self.as_of)
            if detail.credential
            else [],
            use=last_use_of(row.kind, activity, as_of=self.as_of),
            identity=identities_of(
                self.viewer, connection=self.connection, rows=[row], as_of=self.as_of
            )[row.arn]
            if row.kind != Principal.Kind.GROUP
            else None,
            **kwargs,
        )


def _by_group(policies: Sequence[AttachedText]) -> list[tuple[str, list[AttachedText]]]:
    via = sorted((one for one in policies if one.via_group), key=lambda one: one.via_group)
    return [(group, list(found)) for group, found in groupby(via, key=lambda one: one.via_group)]


class PrincipalHistory(PrincipalPart):
    """When what changed, with the trust policy's text before and after."""

    template_name = "governance/principals/history.html"
    tab = "history"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the versions."""
        versions = list(
            principal_history(self.viewer, connection=self.connection, arn=self.principal.arn)
        )
        return super().get_context_data(steps=principal_steps(versions), **kwargs)
