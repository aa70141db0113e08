"""The targets that a policy is attached to, and those that it was attached to."""

from collections.abc import Sequence
from typing import Any, Final

from django.core.paginator import Paginator
from django.db.models import QuerySet

from governance.filtering.scope import ScopedFilterSet
from governance.web.parts.lists import Column, ListPage
from governance.web.policies.policy import PolicyPage
from inventory.selectors.attachments import (
    NAME,
    RANK,
    TARGET,
    attached_targets,
    attachment_count,
    ended_attachments,
    policy_targets,
)

_ENDED_SHOWN: Final = 50


class PolicyAttachmentsTab(PolicyPage, ListPage):
    """Where it is attached, and was."""

    template_name = "governance/policies/attachments.html"
    row_template = "governance/policies/target_row.html"
    tab = "attachments"
    default_sort = "kind"
    export_name = "policy-attachments"
    row_noun = "target,targets"
    caption = "Targets it is attached to"
    empty_title = "Attached nowhere"
    empty_text = "The policy has no effect."
    columns = (
        Column("name", "Target", (NAME, TARGET), lambda row: row.name),
        Column("target_id", "Id", (TARGET,), lambda row: row.target_id),
        Column("kind", "Kind", (RANK, NAME, TARGET), lambda row: row.target_type),
        Column("accounts", "Accounts reached", (), lambda row: row.accounts, numeric=True),
        Column("since", "Since", (), lambda row: row.seen_from),
    )

    def get_rows(self) -> "QuerySet[Any, Any]":
        """Return the targets."""
        return policy_targets(
            self.viewer,
            connection=self.connection,
            policy_id=self.policy.policy_id,
            as_of=self.as_of,
        )

    def filtered_rows(self, filters: ScopedFilterSet | None) -> "QuerySet[Any]":
        """Return the targets in their order, which their ids make one."""
        column, descending = self.sort_key()
        sign = "-" if descending else ""
        return self.get_rows().order_by(*(f"{sign}{field}" for field in column.order_by))

    def rows_page(self, rows: "QuerySet[Any]") -> Any:
        """Return the asked page; attachments are counted without looking for their names."""
        paginator: Paginator[Any] = Paginator(rows, self.page_size)
        paginator.count = attachment_count(
            self.viewer,
            connection=self.connection,
            policy_id=self.policy.policy_id,
            as_of=self.as_of,
        )
        page: Any = paginator.get_page(self.request.GET.get("page"))
        page.object_list = self.enrich(list(page.object_list))
        return page

    def enrich(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Add how many accounts each reaches and since when, in three queries."""
        return attached_targets(
            self.viewer,
            connection=self.connection,
            policy_id=self.policy.policy_id,
            chosen=rows,
            as_of=self.as_of,
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the attachments that ended last."""
        ended, number = ended_attachments(
            self.viewer,
            connection=self.connection,
            policy_id=self.policy.policy_id,
            limit=_ENDED_SHOWN,
        )
        return super().get_context_data(
            ended=ended, ended_total=number, more_ended=number - len(ended), **kwargs
        )
