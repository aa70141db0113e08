"""The tab Changes: each edit's text before and after, and beside it what it means."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import BadRequest
from django.core.paginator import Paginator

from governance.edits.operations import Operation, OperationKind, OperationsInvalid, read_operations
from governance.web.changes.evidence_lines import EvidenceDifference
from governance.web.changes.naming import target_names
from governance.web.changes.overview import DecidingPage
from governance.web.parts.filters import address
from governance.web.simulator.wording import ShownEdit, shown_edit
from inventory.models import Policy

_PER_PAGE: Final = 20
_SHARES: Final = 25
SIDES: Final = (("by_unit", "OU"), ("by_account", "Account"), ("by_service", "Service"))
_VERDICTS: Final = (
    ("", "All"),
    ("newly_denied", "Newly denied"),
    ("newly_allowed", "Newly allowed"),
    ("undecided", "Undecided"),
)


@dataclass(frozen=True, slots=True)
class ChangedText:
    """An edit as its card shows it, with its text before and after where it has one.

    `number`: the operation's, from 0. `size`, `was_size`: characters, None where there is no text.
    """

    number: int
    edit: ShownEdit
    before: str
    after: str
    has_text: bool

    @property
    def sizes(self) -> str:
        """How many characters it had and has."""
        return f"{len(self.before):,} → {len(self.after):,} characters"


class ChangeTexts(DecidingPage):
    """What changes, as text and as meaning."""

    template_name = "governance/changes/changes.html"
    tab = "changes"

    def chosen(self, name: str, known: Sequence[tuple[str, str]]) -> str:
        """Return what the address chooses, the first where it says nothing.

        :raises BadRequest: it is none of those.
        """
        value = self.request.GET.get(name, known[0][0])
        if value not in dict(known):
            listed = ", ".join(key for key, _ in known if key)
            raise BadRequest(f"{name} is {value!r}; it can be {listed}.")
        return value

    def differences(self, verdict: str) -> list[EvidenceDifference]:
        """Return the differences of one verdict, or all."""
        if self.evidence is None:
            return []
        return [one for one in self.evidence.differences if verdict in ("", one.state)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the edits, the differences and where they fall."""
        query = self.request.GET
        verdict, side = self.chosen("verdict", _VERDICTS), self.chosen("by", SIDES)
        page = Paginator(self.differences(verdict), _PER_PAGE).get_page(query.get("page"))
        shares = self.shares(side)
        shown = Paginator(shares, _SHARES).get_page(query.get("rows"))
        accounts = {
            one.witness.account_id
            for one in page
            if one.witness and self.sees(one.witness.account_id)
        }
        names = target_names(self.viewer, self.connection, accounts)
        return super().get_context_data(
            edits=self.edits(),
            differences=page,
            account_of={key: names.of(key) for key in accounts},
            verdicts=[
                (label, address(query, verdict=value or None), value == verdict)
                for value, label in _VERDICTS
            ],
            sides=[(label, address(query, by=value), value == side) for value, label in SIDES],
            side_label=dict(SIDES)[side],
            side=side,
            shares=shown,
            shares_before=address(query, rows=str(shown.number - 1)),
            shares_next=address(query, rows=str(shown.number + 1)),
            before_href=address(query, page=str(page.number - 1)),
            next_href=address(query, page=str(page.number + 1)),
            **kwargs,
        )

    def shares(self, side: str) -> list[Mapping[str, Any]]:
        """Return where the differences fall; accounts that may not be seen are left out."""
        if self.evidence is None:
            return []
        rows: list[Mapping[str, Any]] = list(self.evidence.effects.get(side) or ())
        if side == "by_account":
            return [row for row in rows if self.sees(str(row["key"]))]
        return rows

    def edits(self) -> list[ChangedText]:
        """Return the edits with their texts."""
        found = list(_read(self.plan.operations))
        ids = {one.policy_id for _, one in found if one.policy_id.startswith("p-")}
        rows = Policy.objects.as_of(None).filter(connection=self.connection, policy_id__in=ids)
        policies = {row.policy_id: row for row in rows.select_related("content")}
        targets = {
            one for _, operation in found for one in (operation.target_id, operation.parent_id)
        } - {""}
        names = {
            **{key: name for key, (_, name) in
               target_names(self.viewer, self.connection, targets).found.items()},
            **{key: row.name for key, row in policies.items()},
            **{one.policy_id: one.name for _, one in found if one.name},
        }  # fmt: skip
        resource_ids = {
            key for key, row in policies.items() if row.type == "RESOURCE_CONTROL_POLICY"
        }
        shown = []
        for number, operation in found:
            base = self.evidence.base_policy(operation.policy_id) if self.evidence else {}
            row = policies.get(operation.policy_id)
            before = str(base.get("text") or "") or (row.content.text if row else "")
            is_new = operation.kind is OperationKind.CREATE_POLICY
            gone = operation.kind is OperationKind.DELETE_POLICY
            shown.append(
                ChangedText(
                    number=number,
                    edit=shown_edit(number, operation, names, resource_ids),
                    before="" if is_new else before,
                    after="" if gone else operation.text,
                    has_text=bool(operation.text) or gone,
                )
            )
        return shown


def _read(operations: Sequence[Mapping[str, Any]]) -> list[tuple[int, Operation]]:
    """Return the operations with their numbers; Evidence says of one that cannot be read."""
    found = []
    for number, value in enumerate(operations):
        try:
            (one,) = read_operations([dict(value)])
        except OperationsInvalid:
            continue
        found.append((number, one))
    return found


def laid_out(text: str) -> str:
    """Lay a policy's text out over lines, if it is JSON."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text
