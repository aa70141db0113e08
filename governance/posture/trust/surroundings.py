"""What stands around the policies of one organization: its accounts, SCPs, RCPs, labels, vendors.

All of it in memory; edges are worked out against it without another query.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from governance.access.owners.environments import Environment
from governance.posture.state.organization import (
    RCP,
    CompiledOrganization,
    ControlPolicies,
    InForce,
)
from governance.posture.trust.vendors import AWS, VendorName
from policies import Effect, PolicyDocument, Statement, TargetPolicies
from policies.language.patterns import resource_glob, string_glob
from policies.trust import TrustOrganization
from policies.trust.question import Levels
from policies.trust.reading import TrustReader

_ACCOUNT: Final = re.compile(r"(?<!\d)\d{12}(?!\d)")
# The account part of an ARN that a wildcard stands in beside digits.
_PARTLY_WILD: Final = re.compile(r"arn:[^:]*:[^:]*:[^:]*:(?=[^:]*\d)[^:]*[*?]")
_VARIABLE: Final = re.compile(r"\$\{[^}]*\}")
_ROOT_PARENT: Final = "ROOT"


class LevelsByAccount(Mapping[str, Levels]):
    """The levels of SCPs or RCPs that bind each account, root first, as the engine takes them.

    Accounts of which they are not known are absent. Where the type is not enabled, no level binds.
    """

    def __init__(self, organization: CompiledOrganization, control: ControlPolicies) -> None:
        self._organization = organization
        self._control = control
        self._found: dict[str, Levels | None] = {}
        self._steps: dict[str, TargetPolicies] = {}
        self._deciding: dict[tuple[str, frozenset[str]], tuple[object, ...]] = {}

    def __getitem__(self, account_id: str) -> Levels:
        """Return an account's levels.

        :raises KeyError: they are not known.
        """
        if account_id not in self._found:
            self._found[account_id] = self._levels(account_id)
        levels = self._found[account_id]
        if levels is None:
            raise KeyError(account_id)
        return levels

    def __iter__(self) -> Iterator[str]:
        """Yield the accounts whose levels are known."""
        return (each for each in self._organization.account_ids if self.get(each) is not None)

    def __len__(self) -> int:
        """Return how many they are."""
        return sum(1 for _ in self)

    def _levels(self, account_id: str) -> Levels | None:
        if account_id not in self._organization.names or self._control.is_unknown(account_id):
            return None
        if self._control.in_force is InForce.NOT_ENABLED:
            return ()
        return tuple(self._step(step.target_id) for step in self._control.tree.path(account_id))

    def _step(self, target_id: str) -> TargetPolicies:
        found = self._steps.get(target_id)
        if found is None:
            readable = self._control.readable(target_id)
            documents = tuple(one.document for one in readable if one.document)
            found = self._steps[target_id] = TargetPolicies(target_id, documents)
        return found

    def deciding_mark(self, account_id: str, services: frozenset[str]) -> tuple[object, ...]:
        """Return what is equal where the same policies decide over actions of some services.

        Their places count, since a block names them. Levels that allow everything and deny nothing
        of the services tell no accounts apart.
        """
        if account_id not in self._organization.names:
            return ("unplaced",)
        if self._control.in_force is not InForce.IN_FORCE or self._control.is_unknown(account_id):
            return (str(self._control.in_force), self._control.is_unknown(account_id))
        steps = (step.target_id for step in self._control.tree.path(account_id))
        return tuple(mark for each in steps if (mark := self._deciding_at(each, services)))

    def _deciding_at(self, target_id: str, services: frozenset[str]) -> tuple[object, ...]:
        found = self._deciding.get((target_id, services))
        if found is None:
            documents = self._step(target_id).policies
            deciding = tuple(
                (place, policy.sha256)
                for place, policy in enumerate(self._control.readable(target_id))
                if _decides(documents[place], services)
            )
            is_open = any(map(_allows_everything, documents))
            is_rcp = self._control.policy_type is RCP
            found = () if (is_open or is_rcp) and not deciding else (target_id, is_open, *deciding)
            self._deciding[target_id, services] = found
        return found


def _allows_everything(document: PolicyDocument) -> bool:
    return any(
        one.effect is Effect.ALLOW
        and "*" in (one.actions or ())
        and "*" in (one.resources or ())
        and not one.conditions
        for one in document.statements
    )


def _decides(document: PolicyDocument, services: frozenset[str]) -> bool:
    """Whether a policy may say something of actions of some services, beside allowing them all."""
    if len(document.statements) == 1 and _allows_everything(document):
        return False
    return any(_names_service(statement, services) for statement in document.statements)


def _names_service(statement: Statement, services: frozenset[str]) -> bool:
    if statement.actions is None:
        return True
    for pattern in statement.actions:
        prefix = pattern.lower().partition(":")[0]
        if "*" in prefix or "?" in prefix or prefix in services:
            return True
    return False


@dataclass(frozen=True)
class Surroundings:
    """One organization at one time. `environments`: of accounts, where they are known."""

    organization: CompiledOrganization
    environments: Mapping[str, Environment]
    vendors: Mapping[str, VendorName]
    # Not part of the state: what was found out of it.
    _pairs: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)
    _controls: dict[frozenset[str], str] = field(default_factory=dict, repr=False)

    @cached_property
    def scps(self) -> LevelsByAccount:
        """The SCPs of each caller's account."""
        return LevelsByAccount(self.organization, self.organization.service_control)

    @cached_property
    def rcps(self) -> LevelsByAccount:
        """The RCPs of each resource's account."""
        return LevelsByAccount(self.organization, self.organization.resource_control)

    @cached_property
    def member_ids(self) -> frozenset[str]:
        """Every account of the organization, the management account too."""
        own = self.organization.management_account_id
        found = {*self.organization.account_ids, *self.organization.unplaced_account_ids}
        return frozenset(found | ({own} if own else set()))

    @cached_property
    def paths(self) -> Mapping[str, str]:
        """The path of each account's parent, as aws:PrincipalOrgPaths has it; empty: not known."""
        found: dict[str, str] = {}
        names, own_id = self.organization.names, self.organization.organization.organization_id

        def path(target_id: str | None) -> str:
            if target_id is None:
                return f"{own_id}/"
            if target_id not in found:
                found[target_id] = f"{path(names[target_id].parent_id)}{target_id}/"
            return found[target_id]

        return {
            account_id: path(names[account_id].parent_id) if account_id in names else ""
            for account_id in sorted(self.member_ids)
        }

    @cached_property
    def reader(self) -> TrustReader:
        """What reads policies of this organization."""
        return TrustReader(
            TrustOrganization(
                self.organization.organization.organization_id,
                self.organization.management_account_id,
                self.paths,
            ),
            self.scps,
            self.rcps,
        )

    def controls_mark(self, services: frozenset[str]) -> str:
        """Return what is equal where callers of any account are bound alike.

        For actions of some services: distinct chains of the SCPs that decide over them, each with
        the first of its accounts, who is likely to be a witness.
        """
        found = self._controls.get(services)
        if found is None:
            first: dict[tuple[object, ...], str] = {}
            for account_id in self.paths:
                first.setdefault(self.scps.deciding_mark(account_id, services), account_id)
            told = repr(sorted(map(repr, first.items())))
            found = self._controls[services] = hashlib.sha256(told.encode()).hexdigest()
        return found

    @cached_property
    def units_mark(self) -> str:
        """What is equal where the accounts of each OU are for the same environments."""
        found = {(path, self.environments.get(each, "")) for each, path in self.paths.items()}
        return hashlib.sha256(repr(sorted(found)).encode()).hexdigest()

    def account_mark(self, account_id: str, services: frozenset[str]) -> tuple[object, ...]:
        """Return all that edges from or to an account follow from, beside its own rows.

        `services`: whose actions the edges are about; control policies count as far as they decide
        over these.
        """
        vendor = self.vendors.get(account_id)
        return (
            account_id,
            self.paths.get(account_id, "outside"),
            self.scps.deciding_mark(account_id, services),
            self.rcps.deciding_mark(account_id, services),
            self.environments.get(account_id, ""),
            "" if vendor is None else f"{vendor.kind} {vendor.name}",
        )

    def is_aws(self, account_id: str) -> bool:
        """Whether AWS acts from an account outside the organization."""
        vendor = self.vendors.get(account_id)
        return vendor is not None and vendor.kind == AWS

    def crossing_within(self, account_id: str, other_id: str) -> str:
        """Return `environment`, `unit` or `organization`: what lies between two member accounts."""
        key = (account_id, other_id)
        found = self._pairs.get(key)
        if found is None:
            found = self._pairs[key] = self._between(account_id, other_id)
        return found

    def _between(self, account_id: str, other_id: str) -> str:
        if self._is_elsewhere(account_id, (other_id,)):
            return "environment"
        names = self.organization.names
        here, there = names.get(account_id), names.get(other_id)
        if here is None or there is None or here.parent_id != there.parent_id:
            return "organization"
        parent = names.get(here.parent_id or "")
        return "organization" if parent is None or parent.kind == _ROOT_PARENT else "unit"

    def crossing_of_unit(self, account_id: str, path: str) -> str:
        """Return what lies between an account and all accounts of an OU, by the OU's path.

        Production reached from elsewhere is an OU of which no account is known to be production,
        and each is known.
        """
        below = self._below(path)
        return "environment" if self._is_elsewhere(account_id, below) else "organization"

    def _below(self, path: str) -> tuple[str, ...]:
        return tuple(each for each, own in self.paths.items() if own.startswith(path))

    def _is_elsewhere(self, account_id: str, others: Sequence[str]) -> bool:
        """Whether an account is production, and others are all known not to be."""
        own = self.environments.get(account_id)
        if own is None or not own.is_production or not others:
            return False
        found = [self.environments.get(each) for each in others]
        return all(each is not None and not each.is_production for each in found)

    @cached_property
    def _control_texts(self) -> frozenset[str]:
        """Every resource and value that SCPs and RCPs compare with, but for `*`."""
        found: set[str] = set()
        for control in (self.organization.service_control, self.organization.resource_control):
            for policy in control.by_id.values():
                if policy.document is not None:
                    found.update(texts_of(policy.document.statements))
        return frozenset(found)

    @cached_property
    def controls_by_path(self) -> bool:
        """Whether SCPs or RCPs ask where in the organization somebody or something is."""
        return any(
            condition.key.lower().endswith("orgpaths")
            for control in (self.organization.service_control, self.organization.resource_control)
            for policy in control.by_id.values()
            for statement in (policy.document.statements if policy.document else ())
            for condition in statement.conditions
        )

    @cached_property
    def named_in_controls(self) -> frozenset[str]:
        """The accounts that SCPs and RCPs name by id."""
        return frozenset(each for text in self._control_texts for each in _ACCOUNT.findall(text))

    @cached_property
    def tells_accounts_apart(self) -> bool:
        """Whether SCPs or RCPs compare accounts by a part of their ids."""
        return any(_PARTLY_WILD.search(text) for text in self._control_texts)

    @cached_property
    def _resource_patterns(self) -> "ArnPatterns":
        return ArnPatterns(text for text in self._control_texts if ":" in text or "*" in text)

    def resource_mark(self, arn: str) -> tuple[int, ...]:
        """Return what is equal for ARNs that SCPs and RCPs cannot tell apart."""
        return self._resource_patterns.mark(arn)


class ArnPatterns:
    """Texts that are compared with ARNs, however they are compared."""

    def __init__(self, patterns: Iterable[str]) -> None:
        # A policy variable may stand for anything.
        texts = sorted({_VARIABLE.sub("*", text) for text in patterns})
        self._globs = [
            glob for text in texts for glob in (string_glob([text]), resource_glob([text]))
        ]
        regexes = dict.fromkeys(f"(?:{glob.regex})" for glob in self._globs)
        self._any = re.compile("|".join(regexes), re.DOTALL) if regexes else None

    def mark(self, arn: str) -> tuple[int, ...]:
        """Return the numbers of the patterns that match an ARN."""
        if self._any is None or self._any.fullmatch(arn) is None:
            return ()
        return tuple(at for at, glob in enumerate(self._globs) if glob.matches(arn))


def texts_of(statements: Iterable[Statement]) -> Iterator[str]:
    """Yield every resource and value of conditions that is not `*` alone."""
    for statement in statements:
        yield from (one for one in statement.resources or () if one != "*")
        yield from (one for one in statement.not_resources or () if one != "*")
        for condition in statement.conditions:
            yield from (one for one in condition.values if one != "*")


def named_accounts(document: PolicyDocument) -> Iterator[str]:
    """Yield the account ids that a policy names anywhere but in its actions."""
    for statement in document.statements:
        for element in (*(statement.principals or ()), *(statement.not_principals or ())):
            yield from _ACCOUNT.findall(element.value)
    for text in texts_of(document.statements):
        yield from _ACCOUNT.findall(text)
