"""One policy: its text, where it is attached, its versions and what differs between them."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404
from django.urls import reverse

from governance.access import rights
from governance.web.ages import utc
from governance.web.pages import ConnectionPage, Crumb, Fact, Tab
from governance.web.policies.sizes import size_of
from inventory.models import Policy
from inventory.policy_types import policy_type
from inventory.selectors.policies import (
    attachment_history,
    policy,
    policy_attachments,
    policy_versions,
)
from policies import PolicyType, parse_policy


class PolicyPage(ConnectionPage):
    """What the tabs of a policy share."""

    required_right = rights.VIEW_INVENTORY
    section = "policies"
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
            Fact("Kept by", "AWS" if self.policy.aws_managed else "the organization"),
            Fact("This version since", utc(self.policy.seen_from)),
        ]
        if self.policy.description:
            facts.append(Fact("Description", self.policy.description))
        return facts

    def get_tabs(self) -> Sequence[Tab]:
        """Return the tabs."""
        arguments = {"slug": self.connection.slug, "policy_id": self.policy.policy_id}
        return [
            Tab(label, reverse(name, kwargs=arguments), current=self.tab == key)
            for key, label, name in (
                ("text", "Text", "policy"),
                ("attachments", "Attachments", "policy-attachments"),
                ("versions", "Versions", "policy-versions"),
            )
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the policy and its size."""
        return super().get_context_data(
            policy=self.policy,
            kind=policy_type(self.policy.type),
            size=size_of(self.policy.content.text, self.policy.type, today=self.now.date()),
            **kwargs,
        )


class PolicyText(PolicyPage):
    """The text as AWS returned it, with what the parser has to say of it."""

    template_name = "governance/policies/text.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the diagnostics and the reach."""
        attached = policy_attachments(
            self.viewer,
            connection=self.connection,
            policy_id=self.policy.policy_id,
            as_of=self.as_of,
        )
        text = self.policy.content.text
        known = self.policy.type in PolicyType.__members__
        return super().get_context_data(
            text=text,
            diagnostics=parse_policy(text, PolicyType(self.policy.type)).diagnostics
            if known
            else (),
            parser_knows_type=known,
            attached=attached,
            reached=_reached(attached),
            **kwargs,
        )


class PolicyAttachments(PolicyPage):
    """Where it is attached, and was."""

    template_name = "governance/policies/attachments.html"
    tab = "attachments"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the attachments that hold and those that ended."""
        connection, policy_id = self.connection, self.policy.policy_id
        history = attachment_history(self.viewer, connection=connection, policy_id=policy_id)
        return super().get_context_data(
            attached=policy_attachments(
                self.viewer, connection=connection, policy_id=policy_id, as_of=self.as_of
            ),
            ended=[row for row in history if row.seen_until is not None],
            **kwargs,
        )


class PolicyVersions(PolicyPage):
    """Every version that was seen, and the difference of any two."""

    template_name = "governance/policies/versions.html"
    tab = "versions"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the versions; `before` and `after` in the address choose two by number.

        :raises BadRequest: a number that no version has.
        """
        found = list(
            policy_versions(
                self.viewer, connection=self.connection, policy_id=self.policy.policy_id
            )
        )
        numbered = [(len(found) - place, version) for place, version in enumerate(found)]
        after = self.chosen("after", numbered, default=len(found))
        before = self.chosen("before", numbered, default=max(1, len(found) - 1))
        return super().get_context_data(
            versions=numbered,
            before_number=before,
            after_number=after,
            before_label=f"version {before}",
            after_label=f"version {after}",
            before_version=dict(numbered)[before],
            after_version=dict(numbered)[after],
            **kwargs,
        )

    def chosen(self, name: str, numbered: Sequence[tuple[int, Policy]], *, default: int) -> int:
        """Read the number of a version from the address."""
        text = self.request.GET.get(name)
        if text is None:
            return default
        numbers = [number for number, _ in numbered]
        if not text.isdecimal() or int(text) not in numbers:
            raise BadRequest(f"{name} is {text!r}; this policy has versions 1 to {len(numbers)}.")
        return int(text)


def _reached(attached: Sequence[Any]) -> int:
    """Count the accounts below the attachments, none twice."""
    counted: list[str] = []
    total = 0
    for one in sorted(attached, key=lambda at: (at.path.count("/"), at.target_type == "ACCOUNT")):
        covered = any(one.path.startswith(path) for path in counted)
        if covered:
            continue
        total += one.accounts
        if one.target_type != "ACCOUNT":
            counted.append(one.path)
    return total
