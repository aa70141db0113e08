"""What steps need to know of roles, users and groups beside their policies, read in bulk."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

import numpy

from governance.posture.paths.population_index import PopulationIndex
from governance.posture.state.identities import AttachedText, Identity, IdentityKnowledge
from governance.posture.state.parsed_policies import parsed_contents
from inventory.models import Connection, IamPolicy, Principal
from inventory.viewing import Viewer, visible
from policies import Effect, PolicyDocument, PolicyType
from policies.language.document import PrincipalElement

_AT_ONCE: Final = 5000
SERVICE_LINKED: Final = ":role/aws-service-role/"
RESERVED: Final = ":role/aws-reserved/"


@dataclass(frozen=True, slots=True, eq=False)
class RoleFacts:
    """A role as steps see it. `trust`: None where it was not collected or cannot be read."""

    row: int
    arn: str
    account_id: str
    trust: PolicyDocument | None
    tags: Mapping[str, str]
    has_instance_profile: bool

    @property
    def is_fixed(self) -> bool:
        """Whether nobody but AWS changes it: service-linked, or of Identity Center."""
        return SERVICE_LINKED in self.arn or RESERVED in self.arn

    @property
    def elements(self) -> Iterator[PrincipalElement]:
        """Whom the statements that allow name."""
        for statement in self.trust.statements if self.trust else ():
            if statement.effect is Effect.ALLOW:
                yield from statement.principals or (PrincipalElement("*", "*"),)

    @property
    def services(self) -> frozenset[str]:
        """The services that its trust policy names."""
        return frozenset(one.value for one in self.elements if one.kind == "Service")

    @property
    def identity(self) -> Identity:
        """The role as the engine takes what is to be assumed."""
        trust = AttachedText("trust", "Trust policy", "", "", None, self.trust, ())
        return Identity(IdentityKnowledge.COLLECTED, self.arn, "role", self.tags, (), None, trust)


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """A group. `documents`: its policies, None for one that is not known."""

    arn: str
    account_id: str
    name: str
    documents: tuple[PolicyDocument | None, ...]


def read_roles(
    viewer: Viewer,
    *,
    connection: Connection,
    index: PopulationIndex,
    as_of: datetime | None = None,
) -> Sequence[RoleFacts]:
    """Return every role, by account and ARN."""
    rows = (
        visible(Principal.objects.as_of(as_of), viewer)
        .filter(connection=connection, kind=Principal.Kind.ROLE)
        .order_by()
        .values_list("pk", "arn", "account_id", "trust_policy_id", "tags", "instance_profile_arns")
    )
    pks = index.population.pks
    order = numpy.argsort(pks, kind="stable")
    found: list[RoleFacts] = []
    every = iter(rows.iterator(chunk_size=_AT_ONCE))
    while chunk := list(islice(every, _AT_ONCE)):
        trusts = _documents((row[3] for row in chunk), PolicyType.TRUST_POLICY)
        places = order[numpy.searchsorted(pks[order], [row[0] for row in chunk])]
        found += [
            RoleFacts(int(place), arn, account_id, trusts.get(sha256 or ""), tags, bool(profiles))
            for place, (pk, arn, account_id, sha256, tags, profiles) in zip(
                places, chunk, strict=True
            )
            # A run may have written rows since the population was read.
            if pks[place] == pk
        ]
    return sorted(found, key=lambda role: role.row)


def read_memberships(
    viewer: Viewer,
    *,
    connection: Connection,
    index: PopulationIndex,
    as_of: datetime | None = None,
) -> Mapping[int, tuple[str, ...]]:
    """Return the names of the groups of each user that is in some, by row."""
    rows = (
        visible(Principal.objects.as_of(as_of), viewer)
        .filter(connection=connection, kind=Principal.Kind.USER)
        .exclude(groups=[])
        .values_list("arn", "groups")
    )
    found = {}
    for arn, groups in rows:
        row = index.row_of(arn)
        if row is not None:
            found[row] = tuple(groups)
    return found


def read_groups(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> Sequence[GroupFacts]:
    """Return every group with its policies."""
    rows = list(
        visible(Principal.objects.as_of(as_of), viewer)
        .filter(connection=connection, kind=Principal.Kind.GROUP)
        .order_by("account_id", "arn")
        .values_list("account_id", "arn", "name", "attached_policy_arns", "inline_policies")
    )
    arns = {arn for row in rows for arn in row[3]}
    managed = {
        (account_id, arn): sha256
        for account_id, arn, sha256 in visible(IamPolicy.objects.as_of(as_of), viewer)
        .filter(connection=connection, arn__in=arns)
        .values_list("account_id", "arn", "content_id")
    }
    hashes = [
        [
            *(managed.get((account_id, one)) for one in attached),
            *(sha256 for _, sha256 in sorted(inline.items())),
        ]
        for account_id, _, _, attached, inline in rows
    ]
    documents = _documents(
        (sha256 for listed in hashes for sha256 in listed), PolicyType.IDENTITY_POLICY
    )
    return [
        GroupFacts(arn, account_id, name, tuple(documents.get(sha256 or "") for sha256 in listed))
        for (account_id, arn, name, _, _), listed in zip(rows, hashes, strict=True)
    ]


def _documents(
    hashes: Iterable[str | None], policy_type: PolicyType
) -> Mapping[str, PolicyDocument | None]:
    wanted = {sha256 for sha256 in hashes if sha256}
    parsed = parsed_contents((sha256, policy_type) for sha256 in wanted)
    return {sha256: one.document for sha256, one in parsed.items()}
