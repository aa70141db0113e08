"""The roles of all accounts in bulk, to compare them with each other."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from inventory.models import Connection, InventoryRun, PolicyContent, Principal
from inventory.viewing import Viewer, visible

_SERVICE_LINKED: Final = "/aws-service-role/"
_AT_ONCE: Final = 5000


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role as far as it is compared. Hashes are SHA-256 of contents.

    `inline`: (name, hash) by name. `trust_sha256` is empty for a role without a trust policy.
    """

    account_id: str
    name: str
    path: str
    arn: str
    trust_sha256: str
    boundary_arn: str
    attached_policy_arns: tuple[str, ...]
    inline: tuple[tuple[str, str], ...]


def roles(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> Iterator[RoleRow]:
    """Yield every role at that time but the service-linked ones, which AWS keeps alike itself."""
    rows = (
        visible(Principal.objects.as_of(as_of), viewer)
        .filter(connection=connection, kind=Principal.Kind.ROLE)
        .exclude(path__startswith=_SERVICE_LINKED)
        .order_by()
        .values_list(
            "account_id",
            "name",
            "path",
            "arn",
            "trust_policy_id",
            "boundary_arn",
            "attached_policy_arns",
            "inline_policies",
        )
    )
    for account_id, name, path, arn, trust, boundary, attached, inline in rows.iterator(
        chunk_size=_AT_ONCE
    ):
        yield RoleRow(
            account_id,
            name,
            path,
            arn,
            trust or "",
            boundary,
            tuple(sorted(attached)),
            tuple(sorted(inline.items())),
        )


@dataclass(frozen=True, slots=True)
class RoleTrustPolicy:
    """A role's trust policy as text, with its account."""

    account_id: str
    text: str


def role_trust_policies(
    viewer: Viewer,
    *,
    connection: Connection,
    arns: Collection[str],
    as_of: datetime | None = None,
) -> dict[str, RoleTrustPolicy]:
    """Return the trust policies of roles at that time by ARN, in the order of the ARNs given.

    Without those that the viewer may not see, that are gone or that have none.
    """
    rows = (
        visible(Principal.objects.as_of(as_of), viewer)
        .filter(connection=connection, arn__in=list(arns), trust_policy__isnull=False)
        .values_list("arn", "account_id", "trust_policy__text")
    )
    found = {arn: RoleTrustPolicy(account_id, text) for arn, account_id, text in rows}
    return {arn: found[arn] for arn in arns if arn in found}


RoleMarks = tuple[datetime | None, datetime | None, int | None, int]


def role_marks(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> RoleMarks:
    """Return what identifies the principals at that time: equal marks, equal rows.

    When rows last began and last ended by then; and, because a run writes account by account, the
    newest row and how many rows ended last, while a run may still write rows of that time. Short
    queries by indexes.
    """
    rows = visible(Principal.objects.all(), viewer).filter(connection=connection)
    began = rows if as_of is None else rows.filter(seen_from__lte=as_of)
    ended = rows.filter(seen_until__isnull=False)
    last_ended = ended.order_by("-seen_until").values_list("seen_until", flat=True)
    last = last_ended.first()
    ended_by_then = last if as_of is None else last_ended.filter(seen_until__lte=as_of).first()
    writing = as_of is None or _still_written(connection, as_of)
    newest = rows.order_by("-pk").values_list("pk", flat=True).first() if writing else None
    return (
        began.order_by("-seen_from").values_list("seen_from", flat=True).first(),
        ended_by_then,
        newest,
        0 if last is None or not writing else ended.filter(seen_until=last).count(),
    )


def marks_afterwards(marks: RoleMarks) -> RoleMarks:
    """Return what marks the same principals once another run has begun."""
    return (*marks[:2], None, 0)


def _still_written(connection: Connection, as_of: datetime) -> bool:
    """Whether a run goes on whose rows belong to that time."""
    return InventoryRun.objects.filter(
        connection=connection, state__in=InventoryRun.ACTIVE_STATES, started_at__lte=as_of
    ).exists()


def policy_texts(hashes: Collection[str]) -> dict[str, str]:
    """Return contents by SHA-256. Call it with what a selector let the viewer see."""
    wanted = list(hashes)
    found: dict[str, str] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        found.update(
            PolicyContent.objects.filter(pk__in=wanted[start : start + _AT_ONCE]).values_list(
                "pk", "text"
            )
        )
    return found
