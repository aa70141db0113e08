"""What roles of one name say, in a form in which accounts can be compared."""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from inventory.selectors.roles import RoleRow
from policies import CompiledStatement, PolicyType, default_compiler, parse_policy

_ANY_ACCOUNT: Final = "000000000000"


class RoleMeanings:
    """Reads contents as if every role lay in one and the same account.

    Two roles that trust the root of their own account say the same, so their account's id is
    replaced before a text is read. Equal texts are read once.
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        self._read: dict[tuple[str, PolicyType], Hashable] = {}
        self._own: dict[tuple[str, str], str] = {}

    def trust(self, role: RoleRow) -> Hashable:
        """Return the meaning of a trust policy: equal for equal ones."""
        return self._meaning(role.trust_sha256, role.account_id, PolicyType.TRUST_POLICY)

    def trust_shape(self, role: RoleRow) -> Hashable:
        """Return who is trusted and which keys are asked for, not the values asked for."""
        meaning = self.trust(role)
        if not isinstance(meaning, frozenset):
            return meaning
        return frozenset(_shape(statement) for statement in meaning)

    def policies(self, role: RoleRow) -> Hashable:
        """Return the meaning of all that the role may: managed, inline and boundary."""
        return (
            tuple(_neutral(arn, role.account_id) for arn in role.attached_policy_arns),
            _neutral(role.boundary_arn, role.account_id),
            tuple(
                (name, self._meaning(sha256, role.account_id, PolicyType.IDENTITY_POLICY))
                for name, sha256 in role.inline
            ),
        )

    def _meaning(self, sha256: str, account_id: str, policy_type: PolicyType) -> Hashable:
        text = self._texts.get(sha256)
        if text is None:
            return sha256
        neutral = self._own.setdefault((sha256, account_id), _neutral(text, account_id))
        key = (neutral, policy_type)
        if key not in self._read:
            document = parse_policy(neutral, policy_type).document
            # A text that cannot be read is alike to the same text only.
            self._read[key] = (
                neutral if document is None else default_compiler().level((document,)).statements
            )
        return self._read[key]


def _neutral(text: str, account_id: str) -> str:
    return text.replace(account_id, _ANY_ACCOUNT)


def _shape(statement: CompiledStatement) -> Hashable:
    return (
        statement.effect,
        statement.action_patterns,
        statement.principals,
        statement.not_principal,
        tuple(
            sorted(
                (one.key, str(one.operator), one.negated, one.if_exists, str(one.set_operator))
                for one in statement.conditions
            )
        ),
    )


@dataclass(frozen=True, slots=True)
class Split:
    """Roles of one name that differ. `rule`: those that say what most say; empty without a most."""

    rule: tuple[RoleRow, ...]
    astray: tuple[RoleRow, ...]
    ways: int


def split_by(
    roles: Sequence[RoleRow],
    meaning: Callable[[RoleRow], Hashable],
    *,
    written: Callable[[RoleRow], Hashable],
    majority: float,
) -> Split | None:
    """Return roles that differ from what a majority says; None where all say the same.

    Roles that are `written` alike say the same too: a policy that names one account everywhere
    names its own where the role lies in that account.
    """
    meanings = [meaning(role) for role in roles]
    common = Counter(meanings)
    usual: dict[Hashable, Hashable] = {}
    for role, said in zip(roles, meanings, strict=True):
        known = usual.setdefault(written(role), said)
        if common[said] > common[known]:
            usual[written(role)] = said
    meanings = [usual[written(role)] for role in roles]
    counts = Counter(meanings)
    if len(counts) == 1:
        return None
    ((most, number),) = counts.most_common(1)
    if number < majority * len(roles):
        return Split((), tuple(roles), len(counts))
    pairs = list(zip(roles, meanings, strict=True))
    return Split(
        tuple(role for role, said in pairs if said == most),
        tuple(role for role, said in pairs if said != most),
        len(counts),
    )


def written_trust(role: RoleRow) -> Hashable:
    """Return what the trust policy is as text."""
    return role.trust_sha256


def written_policies(role: RoleRow) -> Hashable:
    """Return the policies as they are attached and written."""
    return role.attached_policy_arns, role.boundary_arn, role.inline


def unlike(roles: Iterable[RoleRow], hashes_of: Callable[[RoleRow], Collection[str]]) -> set[str]:
    """Return the hashes to read of roles whose contents are not all the same text."""
    found = [tuple(hashes_of(role)) for role in roles]
    return set() if len(set(found)) <= 1 else {sha256 for one in found for sha256 in one if sha256}
