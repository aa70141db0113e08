"""The list of roots, OUs and accounts with their owners, gaps first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import HttpResponseBase
from django.urls import reverse

from governance.access import rights
from governance.access.owners.absences import attendance
from governance.access.owners.environments import Environment
from governance.access.owners.targets import OwnedTarget
from governance.web.owners.frame import OwnersPart
from governance.web.owners.rows import (
    GAPS,
    OwnerRow,
    entitled_words,
    gap_targets,
    names_of,
    shown_owners,
)
from governance.web.parts.exports import Exporting, export_response
from governance.web.parts.filters import FilterChip, address, choice_chip
from governance.web.parts.lists import Head, page_address
from governance.web.parts.targets import page_href

PAGE_SIZE: Final = 50
_KINDS: Final = {"ROOT": "Root", "ORGANIZATIONAL_UNIT": "OU", "ACCOUNT": "Account"}
_FILTERS: Final = ("q", "gap", "owner", "environment", "kind", "under", "format", "page")
_HEADS: Final = ("Name", "In", "Owner", "From", "Environment", "Criticality", "")


@dataclass(frozen=True, slots=True)
class GapLine:
    """One kind of gap with how many there are and where to see them."""

    count: int
    words: str
    note: str
    href: str
    icon: str


class OwnersPage(OwnersPart, Exporting):
    """Every target in the order of the tree."""

    template_name = "governance/owners/page.html"

    def get_template_names(self) -> list[str]:
        """Return the part for htmx, else the whole page."""
        htmx = getattr(self.request, "htmx", None)
        if htmx and not htmx.boosted and not htmx.history_restore_request:
            return ["includes/list_partial.html"]
        return super().get_template_names()

    def chosen(self) -> list[OwnedTarget]:
        """Return the targets that the address asks for, in the order of the tree.

        :raises BadRequest: a filter has no such value.
        """
        query = self.request.GET
        unknown = sorted(set(query) - {*_FILTERS, "as_of"})
        if unknown:
            raise BadRequest(f"{', '.join(unknown)} is not a filter of this list.")
        rows = [one for one in self.state.tree.in_order() if self.sees(one.target_id)]
        if gap := query.get("gap"):
            _known("gap", gap, GAPS)
            wanted = gap_targets(self.gaps, gap)
            rows = [one for one in rows if one.target_id in wanted]
        if kinds := query.getlist("kind"):
            for kind in kinds:
                _known("kind", kind, _KINDS)
            rows = [one for one in rows if one.kind in kinds]
        if environments := query.getlist("environment"):
            for environment in environments:
                _known("environment", environment, {**dict.fromkeys(Environment), "unknown": ""})
            rows = [one for one in rows if self._environment(one) in environments]
        if under := query.get("under"):
            below = {one.target_id for one in self.state.tree.below(under)}
            rows = [one for one in rows if one.target_id in below]
        if owner := query.get("owner", "").strip().casefold():
            rows = [one for one in rows if self._is_owned_by(one, owner)]
        if words := query.get("q", "").strip().casefold():
            rows = [
                one
                for one in rows
                if words in one.name.casefold() or one.target_id.startswith(words)
            ]
        return rows

    def _environment(self, target: OwnedTarget) -> str:
        return self.state.labels.environment(target.target_id).value or "unknown"

    def _is_owned_by(self, target: OwnedTarget, words: str) -> bool:
        found = self.state.owners.at(target.target_id)
        return found is not None and any(
            words in (one.party.name.casefold(), one.party.email.casefold())
            or words in one.party.label.casefold()
            for one in found.owners
        )

    def shown(self, targets: Sequence[OwnedTarget]) -> list[OwnerRow]:
        """Describe targets as rows, in two queries."""
        found = [self.state.owners.at(one.target_id) for one in targets]
        people = {
            user_id
            for owners in found
            if owners is not None
            for one in owners.owners
            for user_id in one.party.members
        }
        away = attendance(people, now=self.now)
        places = self.by.places(rights.MANAGE_OWNERS, self.connection)
        rows = []
        for target, owners in zip(targets, found, strict=True):
            if owners is None:
                continue
            due = [one.due_at for one in owners.owners if one.due_at and not owners.is_inherited]
            rows.append(
                OwnerRow(
                    target=target,
                    found=owners,
                    shown=shown_owners(self.state, owners, away=away),
                    entitled_words=entitled_words(owners),
                    environment=self.state.labels.environment(target.target_id),
                    criticality=self.state.labels.criticality(target.target_id),
                    unit_words=self.unit_words(target.target_id),
                    due_at=min(due, default=None),
                    href=page_href(self.connection.slug, target.target_id),
                    may_edit=places.covers(self.state.tree, target.target_id),
                )
            )
        return rows

    def chips(self) -> list[FilterChip]:
        """Return the filters."""
        query = self.request.GET
        environments = [(one.value, one.value.capitalize()) for one in Environment]
        under = self.state.tree.by_id.get(query.get("under", ""))
        chips = [
            choice_chip(query, "gap", "Gap", list(GAPS.items())),
            choice_chip(query, "kind", "Kind", list(_KINDS.items())),
            choice_chip(
                query, "environment", "Environment", [*environments, ("unknown", "Not known")]
            ),
            choice_chip(query, "owner", "Owner", []),
            choice_chip(
                query, "under", "Below", [], said={under.target_id: under.name} if under else {}
            ),
        ]
        return sorted(chips, key=lambda chip: not chip.said)

    def gap_lines(self) -> list[GapLine]:
        """Return the kinds of gaps that there are."""
        slug, gaps = self.connection.slug, self.gaps
        listed = reverse("owners", kwargs={"slug": slug})
        rules = reverse("owner-rules", kwargs={"slug": slug})
        by_hand = len(gaps.unconfirmed) - len(self.to_confirm)
        lines = [
            GapLine(
                len(gaps.unowned),
                "account,accounts",
                "that nobody owns",
                f"{listed}?gap=unowned",
                "user-circle",
            ),
            GapLine(
                len(gaps.left),
                "owner,owners",
                "deactivated, or a group with nobody in it",
                f"{listed}?gap=left",
                "logout",
            ),
            GapLine(
                len(self.to_confirm),
                "owner,owners",
                "from tags, to be confirmed by security",
                reverse("owners-to-confirm", kwargs={"slug": slug}),
                "tag",
            ),
            GapLine(
                by_hand,
                "owner,owners",
                "in production, to be confirmed by a second person",
                f"{listed}?gap=unconfirmed",
                "lock",
            ),
            GapLine(
                len(gaps.unnamed),
                "tag,tags",
                "whose value names nobody",
                f"{listed}?gap=unnamed",
                "question-mark",
            ),
            GapLine(len(gaps.idle_rules), "rule,rules", "matching nothing", rules, "filter"),
            GapLine(
                len(gaps.overdue),
                "owner,owners",
                "overdue for recertification",
                reverse("owners-recertification", kwargs={"slug": slug}),
                "calendar-clock",
            ),
        ]
        return [line for line in lines if line.count]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add gaps and rows."""
        query = self.request.GET
        page: Any = Paginator(self.chosen(), PAGE_SIZE).get_page(query.get("page"))
        page.object_list = self.shown(list(page.object_list))
        chips = self.chips()
        return super().get_context_data(
            gap_lines=self.gap_lines(),
            table_heads=[Head(label, False, "", "") for label in _HEADS],
            rows=page,
            row_template="governance/owners/row.html",
            row_noun="target,targets",
            table_caption="Owners of the root, OUs and accounts",
            chips=chips,
            searches=True,
            search_label="Name or id",
            is_filtered=any(chip.said for chip in chips) or bool(query.get("q")),
            without_filters="?",
            empty_title="No account or OU is known yet",
            empty_text="They appear once an inventory run has read the organization.",
            csv_href=address(query, format="csv"),
            json_href=address(query, format="json"),
            previous_href=page_address(query, page.number - 1) if page.has_previous() else "",
            next_href=page_address(query, page.number + 1) if page.has_next() else "",
            **kwargs,
        )

    def export(self, kind: str) -> HttpResponseBase:
        """Send every chosen row."""
        header = [
            *("target_id", "kind", "name", "organizational_units", "owners", "owners_from"),
            *("not_confirmed", "approvers", "environment", "environment_from", "criticality"),
            "recertify_by",
        ]
        return export_response(
            kind,
            name=f"{self.connection.slug}-owners",
            header=header,
            rows=self._exported(),
        )

    def _exported(self) -> Iterator[list[Any]]:
        for row in self.shown(self.chosen()):
            yield [
                row.target.target_id,
                row.kind_words,
                row.target.name,
                row.unit_words,
                [one.owner.party.name for one in row.shown],
                row.found.source_words,
                [one.owner.party.name for one in row.shown if one.mark],
                names_of(row.found.entitled),
                row.environment.value,
                row.environment.source_words,
                row.criticality.value,
                row.due_at,
            ]


def _known(name: str, value: str, values: Any) -> None:
    if value not in values:
        raise BadRequest(f"{name} is {value!r}; it can be {', '.join(values)}.")
