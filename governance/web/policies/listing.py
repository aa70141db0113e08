"""The list of the organization's policies."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from governance.access import rights
from governance.filtering.policies import PolicyFilters
from governance.web.parts.lists import Column, ListPage
from governance.web.policies.sizes import size_of
from inventory.policy_types import policy_type
from inventory.selectors.policies import attachments_by_policy, listed_policies, policy_texts


class PoliciesPage(ListPage):
    """Every policy of every type, attached or not."""

    required_right = rights.VIEW_INVENTORY
    section = "policies"
    shows_tables = ("Policy", "PolicyAttachment")
    page_title = "Policies"
    template_name = "governance/list.html"
    filterset_class = PolicyFilters
    row_template = "governance/policies/row.html"
    default_sort = "type"
    search_label = "Name, description or policy id"
    export_name = "policies"
    row_noun = "policy,policies"
    empty_title = "No policy is known yet"
    empty_text = "Policies appear once an inventory run has read the organization."
    columns = (
        Column("type", "Type", ("type", "name"), lambda row: row.type),
        Column("name", "Policy", ("name",), lambda row: row.name),
        Column("policy_id", "Id", ("policy_id",), lambda row: row.policy_id),
        Column(
            "attachments",
            "Attached",
            ("attachment_count",),
            lambda row: row.attachment_count,
            numeric=True,
        ),
        Column("characters", "Size", ("characters",), lambda row: row.characters),
        Column("limit", "Limit", (), lambda row: row.size.limit, hidden=True),
        Column(
            "aws_managed",
            "AWS managed",
            ("aws_managed", "name"),
            lambda row: row.aws_managed,
            hidden=True,
        ),
        Column("seen_from", "This version since", ("seen_from",), lambda row: row.seen_from),
    )

    def get_rows(self) -> "QuerySet[Any]":
        """Return all policies at the time looked at."""
        return listed_policies(self.viewer, connection=self.connection, as_of=self.as_of)

    def enrich(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Add the type's code, the size, and how many targets the policy is attached to."""
        texts = policy_texts(self.viewer, sha256s={row.content_id for row in rows})
        attached = self.recent(
            ("attachments by policy", self.marks),
            lambda: attachments_by_policy(
                self.viewer, connection=self.connection, as_of=self.as_of
            ),
        )
        for row in rows:
            text = texts[row.content_id]
            row.kind = policy_type(row.type)
            row.characters = len(text)
            row.size = size_of(text, row.type, today=self.now.date())
            row.attachment_count = attached.get(row.policy_id, 0)
        return rows
