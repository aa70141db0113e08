"""Whether protected roles can still do what they must, after a change and in each of its states.

The engine decides it: denies are put beside the root's policies that let only the protected roles'
own actions through, before, after and between. What differs then is a request of such a role.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from governance.changes.evidence.intermediate import (
    ALLOWED,
    StepTransient,
    passing_accounts,
    trees_of,
)
from governance.changes.evidence.plans import PlannedChange
from governance.changes.evidence.protected_roles import ProtectedRolePattern
from governance.effects.request_effects import Effects, Verdict
from governance.posture.state.organization import CONTROL_TYPES
from policies import (
    UNKNOWN,
    ContextValue,
    PolicyLevel,
    PolicyType,
    default_compiler,
    load_catalogue,
    parse_policy,
    parse_principal,
)
from policies.comparison import Difference, UndecidedDifference, compare
from policies.comparison.space import RESOURCE
from policies.comparison.transients import TransientKind, find_transients
from policies.comparison.witness import Witness
from policies.language.patterns import arn_glob
from policies.lint.rules.region_lock import global_services
from policies.targets import TargetTree


@dataclass(frozen=True, eq=False)
class LockedOut:
    """Requests of protected roles that a change denies them, of one way and time.

    `roles`: whose. `step`: after which step, for a while only; None: from the end on. `in_all`:
    whether some action is denied whatever else the request holds; else in the requests that `when`
    describes. `witness` is None where the engine could not decide.
    """

    roles: tuple[ProtectedRolePattern, ...]
    policy_type: PolicyType
    step: int | None
    in_all: bool
    action_bits: int
    when: str
    witness: Witness | None
    account_ids: tuple[str, ...]


def locked_out(
    planned: PlannedChange,
    roles: Sequence[ProtectedRolePattern],
    *,
    effects: Effects,
    transients: Sequence[StepTransient],
) -> tuple[LockedOut, ...]:
    """Return what protected roles could do before and cannot after a change, or between its steps.

    Empty: proven that they can, wherever the policies are known. `effects`, `transients`: of all
    requests; where these deny nothing, nothing is denied to the roles.
    """
    if not roles:
        return ()
    found: list[LockedOut] = []
    for kind in CONTROL_TYPES:
        denies = any(
            one.policy_type is kind and one.verdict is not Verdict.NEWLY_ALLOWED
            for one in effects.effects
        )
        passes = any(one.policy_type is kind and one.kind != ALLOWED for one in transients)
        root_id = planned.final.before.root_id
        if root_id is None or not (denies or passes):
            continue
        accounts = passing_accounts(planned.states, kind)
        trees = trees_of(planned.states, kind, accounts)
        if trees is not None:
            guarded = _Guarded(planned, kind, roles, root_id, accounts)
            if denies:
                found += guarded.afterwards(trees)
            if passes:
                found += guarded.between(trees)
    return tuple(found)


class _Guarded:
    """Asks of the protected roles' requests alone, for policies of one type."""

    def __init__(
        self,
        planned: PlannedChange,
        kind: PolicyType,
        roles: Sequence[ProtectedRolePattern],
        root_id: str,
        account_ids: Sequence[str],
    ) -> None:
        self._kind = kind
        self._roles = roles
        self._root_id = root_id
        self._accounts = account_ids
        self._organization = planned.final.before.organization
        self._guard = _guard(kind, roles)
        self._trees: dict[TargetTree, TargetTree] = {}
        self._catalogue = load_catalogue()

    def afterwards(self, trees: Sequence[TargetTree]) -> Iterator[LockedOut]:
        """Yield what is denied from the end on."""
        comparison = compare(
            self._tree(trees[0]),
            self._tree(trees[-1]),
            compiler=default_compiler(),
            report_on=self._accounts,
            policy_type=self._kind,
            organization=self._organization,
            unlisted_actions=False,
        )
        gathered: dict[Difference | UndecidedDifference, list[str]] = {}
        for account_id, target in comparison.changed.items():
            found: tuple[Difference | UndecidedDifference, ...] = (
                *target.newly_denied,
                *target.undecided,
            )
            for one in found:
                gathered.setdefault(one, []).append(account_id)
        for difference, account_ids in gathered.items():
            yield self._made(difference, None, account_ids)

    def between(self, trees: Sequence[TargetTree]) -> Iterator[LockedOut]:
        """Yield what is denied for a while only."""
        found = find_transients(
            [self._tree(tree) for tree in trees],
            compiler=default_compiler(),
            report_on=self._accounts,
            policy_type=self._kind,
            organization=self._organization,
        )
        gathered: dict[tuple[int, Difference | UndecidedDifference], list[str]] = {}
        for one in found.transients:
            if one.kind is TransientKind.DENIED:
                gathered.setdefault((one.state, one.difference), []).append(one.target_id)
        for other in found.undecided:
            gathered.setdefault((other.state, other.undecided), []).append(other.target_id)
        for (state, difference), account_ids in gathered.items():
            yield self._made(difference, state, account_ids)

    def _tree(self, tree: TargetTree) -> TargetTree:
        """Return a tree in which only the protected roles' own actions pass the root."""
        known = self._trees.get(tree)
        if known is None:
            root = tree.by_id[self._root_id]
            level = default_compiler().level_of((*root.level.statements, *self._guard.denies))
            target = type(root)(root.target_id, root.parent_id, level)
            known = self._trees[tree] = tree.replaced((target,))
        return known

    def _made(
        self,
        found: Difference | UndecidedDifference,
        step: int | None,
        account_ids: list[str],
    ) -> LockedOut:
        witness = found.witness if isinstance(found, Difference) else None
        roles = tuple(self._roles)
        if witness is not None:
            roles = tuple(self._roles_of(witness)) or roles
        needed = self._catalogue.union(p for role in roles for p in role.needed_actions)
        bits = found.actions.bits & needed
        return LockedOut(
            roles=roles,
            policy_type=self._kind,
            step=step,
            in_all=isinstance(found, Difference) and self._holds_in_all(found, bits),
            action_bits=bits,
            when=found.when.words,
            witness=witness,
            account_ids=tuple(account_ids),
        )

    def _roles_of(self, witness: Witness) -> Iterator[ProtectedRolePattern]:
        arn = parse_principal(witness.principal).role_arn
        bit = self._catalogue.bits(witness.action)
        for role in self._roles:
            glob = arn_glob((role.role_pattern,))
            if arn is None or glob is None or not glob.matches(arn):
                continue
            if bit & self._catalogue.union(role.needed_actions):
                yield role

    def _holds_in_all(self, found: Difference, bits: int) -> bool:
        """Whether some action is denied whatever is not known of a request of the role."""
        if found.when.path is not None or any(one.name == RESOURCE for one in found.when.tests):
            return bool(found.unconditional_bits & bits)
        arn = parse_principal(found.witness.principal).role_arn or found.witness.principal
        known: dict[str, ContextValue] = {
            "aws:principalarn": arn,
            "aws:principaltype": "AssumedRole",
            "aws:principalisawsservice": "false",
            "aws:viaawsservice": "false",
            "aws:securetransport": "true",
        }
        for region, actions in (("", bits), *_actions_by_region()):
            if not actions & bits:
                continue
            here = {**known, "aws:requestedregion": region} if region else known

            def lookup(key: str, here: dict[str, ContextValue] = here) -> ContextValue:
                return here.get(key, UNKNOWN)

            if found.when.includes("", "*", lookup) is True:
                return True
        return False


def _actions_by_region() -> Iterable[tuple[str, int]]:
    """Return the actions that are authorised in one region only, by it."""
    catalogue = load_catalogue()
    return [
        (row["regions"][0], catalogue.bits(row["actions"]))
        for row in global_services()
        if len(row["regions"]) == 1
    ]


def _guard(kind: PolicyType, roles: Sequence[ProtectedRolePattern]) -> PolicyLevel:
    """Return denies of all that is not a protected role doing what it needs."""
    patterns = sorted({role.role_pattern for role in roles})
    statements: list[dict[str, object]] = [
        _deny(kind, {"Action": "*"}, {"ArnNotLike": {_KEY: patterns}})
    ]
    for pattern in patterns:
        actions = sorted(
            {
                action
                for role in roles
                if role.role_pattern == pattern
                for action in role.needed_actions
            }
        )
        condition: dict[str, dict[str, object]] = {"ArnLike": {_KEY: pattern}}
        others = [other for other in patterns if other != pattern]
        if others:
            condition["ArnNotLike"] = {_KEY: others}
        statements.append(_deny(kind, {"NotAction": actions}, condition))
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    document = parse_policy(text, kind).document
    if document is None:
        raise AssertionError("a policy made of protected roles can be read")
    return default_compiler().level((document,))


_KEY: Final = "aws:PrincipalArn"


def _deny(kind: PolicyType, actions: dict[str, object], condition: object) -> dict[str, object]:
    element: dict[str, object] = {"Effect": "Deny", **actions, "Resource": "*"}
    if kind is PolicyType.RESOURCE_CONTROL_POLICY:
        element["Principal"] = "*"
    element["Condition"] = condition
    return element
