"""What the tabs of one policy share, and where it is attached."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse

from governance.access import rights
from governance.policy_effect.reach import PolicyReach, policy_reach
from governance.presentation.console_links import policy_console
from governance.web.parts.ages import exact
from governance.web.parts.first_seen import first_seen_fact
from governance.web.parts.pages import ConnectionPage, Crumb, Fact, Tab
from governance.web.policies.sizes import size_of
from inventory.models import Policy
from inventory.policy_types import policy_type
from inventory.selectors.policies import policy


class PolicyPage(ConnectionPage):
    """What the tabs of a policy share."""

    required_right = rights.VIEW_INVENTORY
    section = "policies"
    shows_tables: ClassVar[tuple[str, ...]] = ("Policy", "PolicyAttachment")
    tab = "text"
    policy: Policy

    def begin(self) -> None:
        """Find the policy at the time looked at.

        :raises Http404: there was none with this id.
        """
        super().begin()
        policy_id = self.kwargs["policy_id"]
        found = policy(
            self.viewer, connection=self.connection, policy_id=policy_id, as_of=self.as_of
        )
        if found is None:
            raise Http404(f"There is no policy {policy_id} at that time.")
        self.policy = found

    @cached_property
    def reach(self) -> PolicyReach:
        """Whom the policy reaches at the time looked at."""
        return policy_reach(
            self.viewer, connection=self.connection, policy=self.policy, as_of=self.as_of
        )

    def get_title(self) -> str:
        """Return the policy's name."""
        return self.policy.name

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the list and this policy."""
        return [
            Crumb("Policies", reverse("policies", kwargs={"slug": self.connection.slug})),
            Crumb(self.policy.name),
        ]

    def get_facts(self) -> Sequence[Fact]:
        """Say what kind it is and since when it reads so."""
        facts = [
            Fact("Type", policy_type(self.policy.type).label),
            Fact("Managed by", "AWS" if self.policy.aws_managed else "the organization"),
            first_seen_fact(self, self.policy),
            Fact("This version since", exact(self.policy.seen_from)),
        ]
        if self.as_of:
            facts.append(Fact("As of", exact(self.as_of)))
        if self.policy.description:
            facts.append(Fact("Description", self.policy.description))
        return facts

    def part_href(self, name: str, **query: str) -> str:
        """Return the address of one of the policy's pages or parts, at the time looked at."""
        arguments = {"slug": self.connection.slug, "policy_id": self.policy.policy_id}
        if self.as_of:
            query["as_of"] = self.request.GET["as_of"]
        return reverse(name, kwargs=arguments) + (f"?{urlencode(query)}" if query else "")

    def get_tabs(self) -> Sequence[Tab]:
        """Return the tabs."""
        return [
            Tab(label, self.part_href(name), count=count, current=self.tab == key)
            for key, label, name, count in (
                ("text", "Text", "policy", None),
                ("attachments", "Attachments", "policy-attachments", len(self.reach.attached)),
                ("accounts", "Accounts", "policy-accounts", len(self.reach.account_ids)),
                ("usage", "Usage", "policy-usage", None),
                ("versions", "Versions", "policy-versions", None),
            )
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the policy and its size."""
        return super().get_context_data(
            policy=self.policy,
            kind=policy_type(self.policy.type),
            console_href=policy_console(
                self.policy.policy_id, self.policy.type, region=self.connection.home_region
            ),
            size=size_of(self.policy.content.text, self.policy.type, today=self.now.date()),
            reach=self.reach,
            **kwargs,
        )
