"""Who can: the page with its question, its answer and the list, and how far a long one is."""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Final

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from governance.access import rights
from governance.posture.who_can.answer import WhoCanAnswer
from governance.posture.who_can.groups import grouped
from governance.posture.who_can.listing import ordered, root_users_within, shares
from governance.posture.who_can.population import KINDS, ROOT
from governance.posture.who_can.progress import progress_of
from governance.posture.who_can.question import ANY
from governance.posture.who_can.ways import Standing
from governance.web.parts.filters import FilterChip, address, choice_chip
from governance.web.parts.lists import Column
from governance.web.parts.pages import ConnectionPage, Crumb
from governance.web.who_can.reading import PART, QuestionPage
from governance.web.who_can.rows import KIND_WORDS, STANDING_WORDS, RowMaker
from governance.web.who_can.summary import breakdown_chart, summary_of
from governance.web.why_denied.views import moment_text
from inventory.selectors.freshness import AUTHORIZATION_POLICY_TYPES, DECISION_TABLES

_EXPORTED_AT_ONCE: Final = 500


class WhoCanPage(QuestionPage):
    """Answers the question in the address: who may, counted and listed."""

    required_right = rights.VIEW_INVENTORY
    template_name = "governance/who_can/page.html"
    page_title = "Who can"
    section = "who-can"
    shows_tables = DECISION_TABLES
    shows_policy_types = AUTHORIZATION_POLICY_TYPES
    has_charts = True
    row_template = "governance/who_can/row.html"
    default_sort = "account"
    search_label = "Name or ARN"
    export_name = "who-can"
    row_noun = "principal,principals"
    empty_title = "Nobody"
    empty_text = "No principal with known policies can do it under these assumptions."
    columns: ClassVar[tuple[Column, ...]] = (
        Column("name", "Principal", ("name",), lambda row: row.name),
        Column("arn", "", (), lambda row: row.arn, hidden=True),
        Column("kind", "Kind", ("kind",), lambda row: row.kind),
        Column("account", "Account", ("account",), lambda row: row.account_name),
        Column("account_id", "", (), lambda row: row.account_id, hidden=True),
        Column("standing", "May", ("standing",), lambda row: row.standing),
        Column("conditions", "How", (), lambda row: "; ".join(row.sentences)),
        Column("not_known", "", (), lambda row: " ".join(row.unknown), hidden=True),
        Column(
            "allowed_by",
            "Allowed by",
            (),
            lambda row: "; ".join(one.name for one in row.granted_by),
        ),
        Column("actions", "", (), lambda row: row.action_count, hidden=True),
        Column("last_used", "Last used", (), lambda row: row.use.at),
        Column("why", "", ()),
    )
    is_grouped: ClassVar[bool] = False

    # The list.

    def get_template_names(self) -> list[str]:
        """Return the whole page where the answer is waited for."""
        if self.request.GET.get(PART) == "answer" or self.answer is None:
            return [self.template_name]
        return super().get_template_names()

    def filtered_rows(self, filters: Any) -> Any:
        """Return the places of the filtered principals in their order."""
        if self.answer is None:
            return ()
        column, descending = self.sort_key()
        return ordered(self.answer, self.found, column.order_by[0], descending=descending)

    def enrich(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Return some places as rows."""
        if self.answer is None:
            return []
        return self.maker(self.answer).rows([int(row) for row in rows])

    def maker(self, answer: WhoCanAnswer) -> RowMaker:
        """Return what makes rows of an answer."""
        return RowMaker(
            self.viewer,
            self.connection,
            answer,
            as_of=self.as_of,
            as_of_text=moment_text(self.as_of),
        )

    def export(self, kind: str) -> HttpResponseBase:
        """Send every filtered principal.

        :raises BadRequest: there is no question.
        """
        self.ask()
        if self.answer is None:
            said = " ".join(self.errors.values()) or "give an action"
            raise BadRequest(f"There is nothing to export: {said}.")
        return super().export(kind)

    def _exported_rows(self, rows: Any, exported: Sequence[Column]) -> Iterator[list[Any]]:
        for start in range(0, len(rows), _EXPORTED_AT_ONCE):
            made = self.enrich(rows[start : start + _EXPORTED_AT_ONCE])
            for row in made:
                yield [column.value(row) for column in exported if column.value is not None]

    # The page.

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the way here."""
        return [Crumb(self.connection.name), Crumb(self.page_title)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the form, the assumptions and the answer."""
        query = self.request.GET
        context = super().get_context_data(
            asked={name: query.get(name, "") for name in ("action", "resource", "account")},
            under=query.get("under", ""),
            errors=self.errors,
            unknown_time=self.unknown_time_words,
            # An answer's has what is collected of the resource: whose it is, and its own policy.
            question=self.answer.question if self.answer else self.question,
            waits=self.waits,
            stand=progress_of(self.viewer, self.connection) if self.waits else None,
            answer_href=f"{self.request.path}{address(query, **{PART: 'answer'})}",
            asked_as_of=query.get("as_of", ""),
            **self.runs_around(),
            assuming=self.assuming() if self.question else None,
            kept_assume=[term for term in query.getlist("assume") if term.strip()],
            **self._answered(),
            **kwargs,
        )
        chips = self._chips() if self.answer is not None else []
        return {
            **context,
            "chips": chips,
            "searches": self.answer is not None,
            "is_filtered": bool(query.get("q")) or any(chip.said for chip in chips),
            "without_filters": address(query, q=None, standing=None, kind=None, under=None),
            "is_grouped": self.is_grouped,
            "one_by_one_href": self._list_href("who-can"),
            "grouped_href": self._list_href("who-can-how"),
        }

    def _list_href(self, route: str) -> str:
        path = reverse(route, kwargs={"slug": self.connection.slug})
        return f"{path}{address(self.request.GET, sort=None, part=None)}"

    def _answered(self) -> dict[str, Any]:
        answer, question = self.answer, self.question
        if answer is None or question is None:
            return {}
        query = self.request.GET
        root_id = answer.organization.root_id or ""
        under = (self.place.target_id if self.place else "") or root_id
        parts = shares(answer, self.found, under) if under else ()
        return {
            "answer": answer,
            "is_any_resource": question.resource == ANY,
            "summary": summary_of(
                answer, self.found, query, within=self.place.account_ids if self.place else None
            ),
            "chart": breakdown_chart(parts, query) if len(parts) > 1 else None,
            "root_users": self._root_users(answer),
            "link": self.request.build_absolute_uri(),
            "resource": answer.resource,
            "resource_href": self._resource_href(answer),
            "open_policy_href": address(query, resource_policy="unknown"),
            "no_policy_href": address(query, resource_policy="none"),
        }

    def _resource_href(self, answer: WhoCanAnswer) -> str:
        if answer.resource is None:
            return ""
        named = {"slug": self.connection.slug, "resource_arn": answer.resource.arn}
        return reverse("resource-policy", kwargs=named)

    def _root_users(self, answer: WhoCanAnswer) -> dict[str, Any] | None:
        """Count the root users who may, where the assumptions leave them out."""
        kinds = answer.question.assumed.engine.principal_kinds
        if kinds is None or ROOT in kinds or self.request.GET.getlist("kind"):
            return None
        count = root_users_within(answer, self.place.account_ids if self.place else None)
        return {"count": count, "href": address(self.request.GET, kind=ROOT)} if count else None

    def _chips(self) -> list[FilterChip]:
        query = self.request.GET
        found = [
            choice_chip(
                query, "standing", "May", [(one.value, STANDING_WORDS[one]) for one in Standing]
            ),
            choice_chip(query, "kind", "Kind", [(kind, KIND_WORDS[kind]) for kind in KINDS]),
        ]
        said = self.place.words if self.place else ""
        found.append(FilterChip("under", "Within", said, address(query, under=None), ()))
        return sorted(found, key=lambda chip: not chip.said)


class WhoCanHow(WhoCanPage):
    """The same answer, with those put together who may in the same way."""

    row_template = "governance/who_can/group_row.html"
    default_sort = "-principals"
    row_noun = "way,ways"
    export_name = "who-can-how"
    is_grouped = True
    columns = (
        Column("standing", "May", (), lambda row: row.standing),
        Column("conditions", "How", (), lambda row: "; ".join(row.sentences)),
        Column("not_known", "", (), lambda row: "; ".join(row.unknown), hidden=True),
        Column(
            "principals", "Principals", ("principals",), lambda row: row.principals, numeric=True
        ),
        Column("accounts", "Accounts", (), lambda row: row.accounts, numeric=True),
        Column("example", "Such as", (), lambda row: row.arn),
    )

    def filtered_rows(self, filters: Any) -> Any:
        """Return the groups of the filtered principals in their order."""
        if self.answer is None:
            return ()
        groups = grouped(self.answer, self.found)
        return groups if self.sort_key()[1] else groups[::-1]

    def enrich(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Return some groups as rows."""
        if self.answer is None:
            return []
        maker = self.maker(self.answer)
        return [maker.group(row) for row in rows]


class WhoCanProgress(ConnectionPage):
    """How far the newest long question is."""

    required_right = rights.VIEW_INVENTORY

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with the part of the page that tells it."""
        return render(
            request,
            "governance/who_can/progress.html",
            {"stand": progress_of(self.viewer, self.connection)},
        )
