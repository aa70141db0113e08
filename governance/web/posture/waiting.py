"""What Posture says waits for somebody, and the change requests under way."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.urls import reverse

from governance.access import rights
from governance.access.owners.deciding import waiting_for
from governance.baseline.exceptions.models import GuardrailException
from governance.baseline.exceptions.selectors import exceptions
from governance.changes.life.required import read_required
from governance.changes.life.selectors import change_requests
from governance.changes.models import ChangeRequest
from governance.changes.states import ROLLING, ChangeState
from governance.contracts.models import TrustContract
from governance.contracts.selectors import contracts
from governance.inbox.selectors import ACTIONABLE, inbox_items
from governance.web.changes.frame import request_href, request_label
from governance.web.parts.markup import counted
from governance.web.parts.pages import ConnectionPage
from governance.web.parts.people import name_of
from inventory.models import Connection
from inventory.viewing import Viewer

_SHOWN: Final = 4


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """One thing that waits for somebody. `words`: what it is, who asks, and how far it reaches.

    `act`: what the button says. `state`: shown where it says more than the button; empty: nothing.
    """

    title: str
    words: str
    href: str
    act: str = "Open"
    state: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WaitingKind:
    """Things of one kind that wait, the first of them as lines. `href`: the list of all."""

    lines: tuple[WaitingLine, ...]
    total: int
    href: str
    noun: str

    @property
    def more(self) -> str:
        """How many are not shown, in words; empty: none."""
        left, (singular, plural) = self.total - len(self.lines), self.noun.split(",")
        return counted(left, f"more {singular},more {plural}") if left else ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """All that waits for a person, the most urgent kind first; kinds without any left out."""

    kinds: tuple[WaitingKind, ...]

    @property
    def total(self) -> int:
        """How many things wait."""
        return sum(kind.total for kind in self.kinds)


def waiting_for_person(page: ConnectionPage) -> Waiting:
    """Return what waits for whoever reads the page, of what they have the right to see."""
    return Waiting(tuple(kind for kind in _kinds(page) if kind.total))


def changes_moving(viewer: Viewer, *, connection: Connection) -> list[WaitingLine]:
    """Return the first change requests under way, in one query."""
    moving = change_requests(
        viewer, connection=connection, states=sorted({*ROLLING, ChangeState.SCHEDULED})
    )
    return [_change(one, None) for one in moving[:_SHOWN]]


def _kinds(page: ConnectionPage) -> Iterator[WaitingKind]:
    viewer, connection, person = page.viewer, page.connection, page.person
    if page.may(rights.VIEW_CHANGES, None):
        yield _first(
            change_requests(viewer, connection=connection, waiting_for_id=person.pk),
            lambda one: _change(one, person.pk),
            page.href("change-requests") + "?of=waiting",
            "change request,change requests",
        )
    if page.may(rights.VIEW_EXCEPTIONS, None):
        yield _first(
            exceptions(viewer, connection=connection, waiting_for_id=person.pk),
            lambda one: _exception(page, one),
            page.href("exceptions"),
            "exception,exceptions",
        )
    if page.may(rights.VIEW_CONTRACTS, None):
        yield _first(
            contracts(viewer, connection=connection, waiting_for_id=person.pk),
            lambda one: _contract(page, one),
            page.href("contracts"),
            "contract,contracts",
        )
    if page.may(rights.CONFIRM_OWNERS, None):
        grants = waiting_for(page.by, now=page.now)
        if grants:
            line = WaitingLine(
                counted(len(grants), "grant,grants") + " to confirm",
                "Roles and owners that take effect once a second person confirms",
                reverse("grants"),
                act="Review",
            )
            yield WaitingKind((line,), 1, reverse("grants"), "grant,grants")
    if page.may(rights.VIEW_FINDINGS, None):
        assigned = inbox_items(viewer, connection=connection).filter(
            assignee_id=person.pk, state__in=ACTIONABLE
        )
        count = assigned.count()
        if count:
            href = page.href("findings") + "?assignee=me"
            due = assigned.filter(due_at__lt=page.now).count()
            line = WaitingLine(
                counted(count, "finding,findings") + " assigned to me",
                f"{due:,} overdue" if due else "none overdue",
                href,
            )
            yield WaitingKind((line,), 1, href, "finding,findings")


def _first(
    rows: "QuerySet[Any]", line: Callable[[Any], WaitingLine], href: str, noun: str
) -> WaitingKind:
    """Return the first of some rows as lines; all are counted where there are more."""
    found = list(rows[: _SHOWN + 1])
    total = len(found) if len(found) <= _SHOWN else rows.order_by().count()
    return WaitingKind(tuple(map(line, found[:_SHOWN])), total, href, noun)


def _change(asked: ChangeRequest, person_id: int | None) -> WaitingLine:
    required = read_required(asked.required_approvals)
    accounts = sum(one.account_count for one in required if person_id in one.entitled)
    parts = [request_label(asked.number), name_of(asked.author)]
    if accounts:
        parts.append(counted(accounts, "account,accounts"))
    reviews = asked.state == ChangeState.IN_REVIEW
    return WaitingLine(
        title=asked.title,
        words=" · ".join(parts),
        href=request_href(asked.connection.slug, asked.number),
        act="Review" if reviews else "Open",
        state="" if reviews and person_id is not None else asked.state,
        expires_at=asked.expires_at,
    )


def _exception(page: ConnectionPage, asked: GuardrailException) -> WaitingLine:
    return WaitingLine(
        title=f"Exception from {asked.guardrail_id}",
        words=" · ".join(
            (
                f"E-{asked.number}",
                name_of(asked.asked_by),
                counted(len(asked.target_ids), "target,targets"),
            )
        ),
        href=page.href("exception", exception_number=asked.number),
        act="Review",
    )


def _contract(page: ConnectionPage, declared: TrustContract) -> WaitingLine:
    return WaitingLine(
        title=declared.purpose.splitlines()[0],
        words=f"C-{declared.number} · contract of {name_of(declared.declared_by)}",
        href=page.href("contract", contract_number=declared.number),
        act="Review",
    )
