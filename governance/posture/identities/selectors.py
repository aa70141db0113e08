"""The classes of the principals of an organization, and how an account compares with its OU."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Final, Protocol

from governance.posture.identities.classing import (
    SERVICE_LINKED_PATH,
    ClassedIdentity,
    IdentityFacts,
    IdentityKind,
    classify,
)
from governance.posture.state.parsed_policies import parsed_contents
from inventory.models import Connection, Principal, UserCredential
from inventory.selectors.hierarchy import accounts
from inventory.selectors.principals import principals, user_credentials_of
from inventory.viewing import Viewer
from policies import PolicyType

_COMMON: Final = 0.5
_MOST_SIBLINGS: Final = 40


class ClassableRow(Protocol):
    """What of a principal tells who uses it: the row itself, or these columns."""

    @property
    def account_id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def arn(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def trust_policy_id(self) -> str | None: ...


_CLASSABLE_COLUMNS: Final = ("account_id", "kind", "arn", "name", "path", "trust_policy_id")


def identities_of(
    viewer: Viewer,
    *,
    connection: Connection,
    rows: Iterable[ClassableRow],
    as_of: datetime | None = None,
) -> Mapping[str, ClassedIdentity]:
    """Return who uses each of some principals, by ARN, in at most two queries.

    `rows`: as a selector let the viewer see them.
    """
    listed = list(rows)
    hashes = {row.trust_policy_id for row in listed if row.trust_policy_id}
    parsed = parsed_contents((sha256, PolicyType.TRUST_POLICY) for sha256 in hashes)
    users = [row.arn for row in listed if row.kind == Principal.Kind.USER]
    credentials: Mapping[str, UserCredential] = {}
    if users:
        credentials = user_credentials_of(
            viewer,
            connection=connection,
            account_ids={row.account_id for row in listed},
            arns=users,
            as_of=as_of,
        )
    found = {}
    for row in listed:
        trust = parsed.get(row.trust_policy_id or "")
        credential = credentials.get(row.arn)
        found[row.arn] = classify(
            IdentityFacts(
                kind=row.kind,
                name=row.name,
                path=row.path,
                trust=trust.document if trust else None,
                has_password=credential.password_enabled if credential else None,
                has_access_key=has_access_key(credential),
            )
        )
    return found


def has_access_key(credential: UserCredential | None) -> bool | None:
    """Return whether a user has an active access key; None: the report does not tell."""
    if credential is None:
        return None
    active = (credential.access_key_1_active, credential.access_key_2_active)
    if any(active):
        return True
    return None if None in active else False


@dataclass(frozen=True, slots=True)
class KindCount:
    """How many principals of one kind. `usual`: the median of the other accounts in the OU."""

    kind: IdentityKind
    here: int
    usual: float | None


@dataclass(frozen=True, slots=True)
class ComparedIdentities:
    """An account's principals beside those of the other accounts directly in its OU.

    `others`: how many of these are compared, of `siblings`; at most 40. `only_here`: roles that no
    other of them has; `missing`: roles that more than half of them have and this account lacks;
    both by name.
    """

    counts: tuple[KindCount, ...]
    others: int
    siblings: int
    only_here: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def total(self) -> int:
        """All users and roles of the account."""
        return sum(one.here for one in self.counts)


def compared_identities(
    viewer: Viewer,
    *,
    connection: Connection,
    account_id: str,
    parent_id: str,
    as_of: datetime | None = None,
) -> ComparedIdentities:
    """Return an account's users and roles by kind beside those of its OU; groups are left out."""
    every = list(
        accounts(viewer, connection=connection, as_of=as_of)
        .filter(parent_id=parent_id)
        .exclude(account_id=account_id)
        .order_by("account_id")
        .values_list("account_id", flat=True)
    )
    siblings = every[:_MOST_SIBLINGS]
    rows = list(
        principals(viewer, connection=connection, as_of=as_of)
        .filter(account_id__in=[account_id, *siblings])
        .exclude(kind=Principal.Kind.GROUP)
        .order_by()
        .values_list(*_CLASSABLE_COLUMNS, named=True)
    )
    kinds = identities_of(viewer, connection=connection, rows=rows, as_of=as_of)
    by_account: dict[str, Counter[IdentityKind]] = {}
    roles: dict[str, set[str]] = {}
    for row in rows:
        by_account.setdefault(row.account_id, Counter())[kinds[row.arn].kind] += 1
        if row.kind == Principal.Kind.ROLE and not row.path.startswith(SERVICE_LINKED_PATH):
            roles.setdefault(row.account_id, set()).add(row.name)
    others = [by_account[one] for one in siblings if one in by_account]
    own = by_account.get(account_id, Counter())
    return ComparedIdentities(
        counts=tuple(
            KindCount(
                kind, own[kind], median(counts[kind] for counts in others) if others else None
            )
            for kind in IdentityKind
        ),
        others=len(others),
        siblings=len(every),
        **_differing(roles.get(account_id, set()), [roles.get(one, set()) for one in siblings]),
    )


def _differing(
    own: Collection[str], others: Sequence[Collection[str]]
) -> dict[str, tuple[str, ...]]:
    having = Counter(name for names in others for name in names)
    known = sum(1 for names in others if names)
    if not known:
        return {"only_here": (), "missing": ()}
    return {
        "only_here": tuple(sorted(name for name in own if not having[name])),
        "missing": tuple(
            sorted(
                name
                for name, count in having.items()
                if count > known * _COMMON and name not in own
            )
        ),
    }
