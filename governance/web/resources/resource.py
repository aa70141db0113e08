"""One resource: its policy with lint, what else decides over access to it, and its history."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from django.http import Http404
from django.urls import reverse

from governance.access import rights
from governance.posture.state.resources import Resource, resource_of
from governance.web.parts.ages import exact
from governance.web.parts.changes import steps
from governance.web.parts.first_seen import first_seen_fact
from governance.web.parts.last_readings import last_reading_of
from governance.web.parts.pages import ConnectionPage, Crumb, Fact, Tab
from governance.web.parts.policy_lines import laid_out, shown_text
from governance.web.parts.who_can_links import who_can_href
from governance.web.resources.states import PART_LABELS, exposure, policy_state
from inventory.collectors.collector import ALL_REGIONS, GLOBAL_REGION
from inventory.models import Coverage, ResourcePolicy
from inventory.models.versions import Version
from inventory.resource_facts import FUNCTION_URLS, grants_of
from inventory.selectors.coverage import latest_coverage
from inventory.selectors.resource_policies import (
    account_public_access_block,
    collector_of,
    resource_by_arn,
    resource_policy_history,
)
from policies import PolicyType
from policies.lint import LintSettings, lint_policy


class ResourcePart(ConnectionPage):
    """What the tabs of a resource share."""

    required_right = rights.VIEW_INVENTORY
    section = "resources"
    shows_tables = ("ResourcePolicy",)
    tab = "resource-policy"
    row: ResourcePolicy

    def begin(self) -> None:
        """Find the resource at the time looked at.

        :raises Http404: none with this ARN was collected then.
        """
        super().begin()
        arn = self.kwargs["resource_arn"]
        found = resource_by_arn(self.viewer, connection=self.connection, arn=arn, as_of=self.as_of)
        if found is None or found.arn != arn:
            raise Http404(f"No resource {arn} is on record at that time.")
        self.row = found

    def shown_account_id(self) -> str:
        """Return the resource's account."""
        return self.row.account_id

    def tables_shown(self) -> tuple[str, ...]:
        """Return the resources of its service."""
        return (f"ResourcePolicy:{self.row.service}",)

    def get_title(self) -> str:
        """Return the resource's name."""
        return self.row.name

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the list, the account and this resource."""
        slug, account_id = self.connection.slug, self.row.account_id
        name = getattr(self.row, "account_name", None) or account_id
        return [
            Crumb("Resources", reverse("resource-policies", kwargs={"slug": slug})),
            Crumb(
                name, reverse("account-resources", kwargs={"slug": slug, "account_id": account_id})
            ),
            Crumb(self.row.name),
        ]

    def get_facts(self) -> Sequence[Fact]:
        """Say what it is, where, and since when it reads so."""
        return [
            Fact("Service", self.row.service),
            Fact("Region", self.row.region),
            first_seen_fact(self, self.row),
            Fact("This version since", exact(self.row.seen_from)),
        ]

    def get_tabs(self) -> Sequence[Tab]:
        """Return the tabs."""
        named = {"slug": self.connection.slug, "resource_arn": self.row.arn}
        query = f"?as_of={self.as_of:%Y-%m-%dT%H:%M:%SZ}" if self.as_of else ""
        return [
            Tab(label, reverse(name, kwargs=named) + query, current=self.tab == name)
            for label, name in (
                ("Policy", "resource-policy"),
                ("History", "resource-policy-history"),
            )
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add of when it is, if its account cannot be read any more."""
        return super().get_context_data(
            last_reading=last_reading_of(
                self, self.row.account_id, collector=collector_of(self.row)
            ),
            **kwargs,
        )


class ResourcePage(ResourcePart):
    """The policy as AWS returned it, with lint, and the facts beside it."""

    template_name = "governance/resources/resource.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add policy, facts, and what could not be read."""
        row = self.row
        block = account_public_access_block(
            self.viewer, connection=self.connection, account_id=row.account_id, as_of=self.as_of
        )
        resource = resource_of(row, block)
        is_bucket = (row.service, row.resource_type) == ("s3", "bucket")
        by_region = {
            each.region: each
            for each in latest_coverage(
                self.viewer, connection=self.connection, as_of=self.as_of
            ).filter(
                account_id=row.account_id,
                collector=collector_of(row),
                region__in=(row.region, ALL_REGIONS, GLOBAL_REGION),
            )
        }
        # Its region's own row, if that came out otherwise than the others.
        coverage = by_region.get(row.region) or next(iter(by_region.values()), None)
        return super().get_context_data(
            resource=row,
            policy_state=policy_state(row),
            unknown=[(PART_LABELS.get(part, part), code) for part, code in row.unknown.items()],
            coverage=coverage,
            incomplete=coverage if coverage and coverage.state != Coverage.State.COMPLETE else None,
            exposure=exposure(resource),
            facts_of_bucket=resource.facts if is_bucket else None,
            grants=grants_of(row.facts) or (),
            function_urls=row.facts.get(FUNCTION_URLS) or (),
            blocks=_blocks(resource, block),
            who_can_href=who_can_href(
                self.connection.slug,
                as_of_text=self.request.GET.get("as_of", ""),
                action="s3:GetObject",
                resource=f"{row.arn}/*",
            )
            if is_bucket
            else "",
            **self._text(resource),
            **kwargs,
        )

    def _text(self, resource: Resource) -> dict[str, Any]:
        if resource.text is None:
            return {}
        settings = LintSettings(limits_on=self.now.date())
        report = lint_policy(resource.text, PolicyType.RESOURCE_POLICY, settings=settings)
        laid = laid_out(resource.text, report)
        of_laid = report
        if laid != resource.text:
            of_laid = lint_policy(laid, PolicyType.RESOURCE_POLICY, settings=settings)
        return {
            "text": resource.text,
            "report": report,
            "is_laid_out": laid != resource.text,
            "shown": shown_text(resource.text, resource.document, report, of_laid),
        }


def _blocks(resource: Resource, account: Any) -> list[tuple[str, str, str]]:
    """Return S3's four settings by name, of the bucket and of the account."""
    if resource.facts is None:
        return []
    bucket = resource.facts.public_access_block

    def said(block: Any, name: str) -> str:
        return "unknown" if block is None else "on" if getattr(block, name) else "off"

    return [
        (label, said(bucket, name) if bucket else "off", said(account, name))
        for label, name in (
            ("BlockPublicAcls", "block_public_acls"),
            ("IgnorePublicAcls", "ignore_public_acls"),
            ("BlockPublicPolicy", "block_public_policy"),
            ("RestrictPublicBuckets", "restrict_public_buckets"),
        )
    ]


class ResourceHistory(ResourcePart):
    """When what changed, with the policy's text before and after."""

    template_name = "governance/resources/history.html"
    tab = "resource-policy-history"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the versions."""
        versions = list(
            resource_policy_history(
                self.viewer,
                connection=self.connection,
                account_id=self.row.account_id,
                arn=self.row.arn,
            )
        )
        plain: list[Version] = list(versions)
        texts = {
            after.seen_from: (_text_of(before), _text_of(after))
            for after, before in pairwise(versions)
            if after.content_id != before.content_id
        }
        shown = [
            (f"policy-{number}", step, texts.get(step.at))
            for number, step in enumerate(steps(plain, noun="resource"))
        ]
        return super().get_context_data(resource=self.row, shown=shown, **kwargs)


def _text_of(version: ResourcePolicy) -> str:
    return version.content.text if version.content else ""
