"""The context keys that matter to a request: where each value comes from, and which are unknown."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from governance.posture.requests.questions import Question
from governance.posture.state.identities import Identity, IdentityKnowledge
from policies import (
    ABSENT,
    UNKNOWN,
    CompiledStatement,
    ContextValue,
    PolicyDocument,
    default_compiler,
)
from policies.context_keys import spelled
from policies.evaluation.evaluate import Evaluator
from policies.evaluation.policy_set import PolicySet
from policies.evaluation.principal import PrincipalKind, RequestPrincipal
from policies.evaluation.request import Request


class KeySource(StrEnum):
    """Where a key's value comes from.

    GIVEN: the question. DERIVED: who calls what, and the organization. INVENTORY: a tag that is
    collected. ABSENT: the question says so, or such a caller cannot have the key. UNKNOWN: may
    have any value, or be absent.
    """

    GIVEN = "given"
    DERIVED = "derived"
    INVENTORY = "inventory"
    ABSENT = "absent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class KeyValue:
    """One key as AWS spells it. `asked`: a statement that covers the action reads it.

    `may_change`: the question may say otherwise (a key that such a caller cannot have may not).
    """

    name: str
    source: KeySource
    value: ContextValue
    asked: bool

    @property
    def is_unknown(self) -> bool:
        """Whether it counts as unknown."""
        return self.source is KeySource.UNKNOWN

    @property
    def supplies(self) -> bool:
        """Whether its value goes into the request besides what was given."""
        return self.source is KeySource.INVENTORY or (
            self.source is KeySource.DERIVED and self.name == "aws:RequestedRegion"
        )

    @property
    def values(self) -> tuple[str, ...]:
        """The values as texts; none where absent or unknown."""
        if isinstance(self.value, str):
            return (self.value,)
        return self.value if isinstance(self.value, tuple) else ()


_ONLY_OF_SERVICES: Final = (
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
)
_ONLY_OF_SESSIONS: Final = ("aws:sourceidentity", "aws:federatedprovider", "aws:assumedroot")
_SESSIONS: Final = (PrincipalKind.SESSION, PrincipalKind.ROLE, PrincipalKind.FEDERATED_USER)


def request_keys(
    question: Question,
    request: Request,
    known: PolicySet,
    evaluator: Evaluator,
    identity: Identity,
    asked_role: Identity | None,
) -> tuple[KeyValue, ...]:
    """Return the keys that were given or that a statement covering the action reads, by name."""
    catalogue = default_compiler().catalogue
    asked = _asked(request.action, known)
    derived = evaluator.caller(request.principal, request.resource_account_id).derived
    absent = {key.strip().lower() for key in question.absent if key.strip()}
    found = []
    for key in sorted({*asked, *request.context, *absent}):
        source: KeySource
        value: ContextValue
        if key in request.context:
            source, value = KeySource.GIVEN, request.context[key]
        elif key in absent or cannot_have(request.principal, key):
            source, value = KeySource.ABSENT, ABSENT
        elif key in derived:
            source, value = KeySource.DERIVED, derived[key]
        else:
            source, value = _collected(key, request, identity, asked_role)
        found.append(KeyValue(spelled(catalogue, key), source, value, key in asked))
    return tuple(found)


def _collected(
    key: str, request: Request, identity: Identity, asked_role: Identity | None
) -> tuple[KeySource, ContextValue]:
    """Return a tag's value from the inventory, or the region that the resource's ARN names."""
    prefix, _, tag = key.partition("/")
    if prefix == "aws:principaltag" and identity.knowledge is IdentityKnowledge.COLLECTED:
        value = _tag(identity, tag)
        if value is not None:
            return KeySource.INVENTORY, value
        if request.principal.kind is PrincipalKind.USER:
            return KeySource.ABSENT, ABSENT
    if prefix in {"aws:resourcetag", "iam:resourcetag"} and asked_role is not None:
        value = _tag(asked_role, tag)
        if value is not None:
            return KeySource.INVENTORY, value
        if asked_role.knowledge is IdentityKnowledge.COLLECTED:
            return KeySource.ABSENT, ABSENT
    if key == "aws:requestedregion" and request.resource.count(":") >= 5:
        region = request.resource.split(":")[3]
        if region and "*" not in region:
            return KeySource.DERIVED, region
    return KeySource.UNKNOWN, UNKNOWN


def _tag(identity: Identity, key: str) -> str | None:
    return next((value for name, value in identity.tags.items() if name.lower() == key), None)


def cannot_have(principal: RequestPrincipal, key: str) -> bool:
    """Whether requests of such a caller never carry a key.

    Source: IAM user guide, "AWS global condition context keys", availability of each key.
    """
    if key in _ONLY_OF_SERVICES:
        return principal.kind is not PrincipalKind.SERVICE
    if key in _ONLY_OF_SESSIONS:
        return principal.kind not in _SESSIONS
    if key == "aws:username":
        return principal.kind is not PrincipalKind.USER
    if key.startswith("aws:principaltag/"):
        return not principal.has_identity_policies
    return False


def _asked(action: str, known: PolicySet) -> frozenset[str]:
    keys: set[str] = set()
    for statement in _statements(known):
        if statement.covers_action(action):
            keys |= statement.resource_variable_keys
            for condition in statement.conditions:
                keys.add(condition.key)
                keys |= condition.variable_keys
    return frozenset(keys)


def _statements(known: PolicySet) -> Iterable[CompiledStatement]:
    compiler = default_compiler()
    for document in _documents(known):
        yield from compiler.document(document)


def _documents(known: PolicySet) -> Iterable[PolicyDocument]:
    for levels in (known.service_control_policies, known.resource_control_policies):
        for level in levels or ():
            yield from level.policies
    yield from known.identity_policies
    yield from known.resource_documents
    if known.permission_boundary is not None:
        yield known.permission_boundary
