"""Requests → decisions under one set of policies.

`Evaluator(policy_set).evaluate(request)`. Keep the evaluator: what it learns of an action and of a
caller serves every later request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from policies.compiled import Compiler, default_compiler
from policies.evaluation.derived_context import derived_context
from policies.evaluation.explain import Explanation
from policies.evaluation.layers import (
    BoundLayer,
    Decider,
    Layer,
    bind_layer,
    compile_layers,
)
from policies.evaluation.policy_set import PolicySet, TargetPolicies
from policies.evaluation.principal import Principal, PrincipalKind, Reach
from policies.evaluation.program import RESOURCE, Answer, Atom, Program, Special
from policies.evaluation.request import Request
from policies.evaluation.trace import Sheet
from policies.evaluation.verdict import Decision, Rules
from policies.language.conditions.values import ABSENT, UNKNOWN, ContextValue
from policies.language.patterns import string_glob
from policies.language.variables import Lookup

_MOST_CALLERS: Final = 4096
_MOST_ACTIONS: Final = 65536

GET_CALLER_IDENTITY: Final = "sts:getcalleridentity"
"""Never denied. Source: STS API reference, "GetCallerIdentity"."""

RETIRE_GRANT: Final = "kms:retiregrant"
"""Not bound by RCPs. Source: Organizations user guide, "Resource control policies (RCPs)"."""

TRUST_ACTIONS: Final = frozenset(
    {
        "sts:assumerole",
        "sts:assumerolewithsaml",
        "sts:assumerolewithwebidentity",
        "sts:setsourceidentity",
        "sts:tagsession",
    }
)
"""What a role's trust policy must allow. Source: IAM user guide, "Roles terms and concepts"."""

_NO_RCP_ON_KEY: Final = "resource control policies do not bind AWS managed keys"
_NO_RCP: Final = "resource control policies do not bind this action"
_KEY = string_glob(("arn:*:kms:*:*:key/*",)).matches
_ROLE = string_glob(("arn:*:iam::*:role/*",)).matches
_MANAGED_ALIAS = string_glob(("arn:*:kms:*:*:alias/aws/*",)).matches
_ALIASES: Final = "kms:resourcealiases"


class Caller:
    """A principal as it meets the policies; `derived` holds the context keys it determines."""

    __slots__ = (
        "by_action",
        "by_statements",
        "derived",
        "layers",
        "principal",
        "same_account",
        "sheets",
    )

    def __init__(
        self,
        principal: Principal,
        same_account: bool,
        layers: tuple[BoundLayer, ...],
        derived: dict[str, ContextValue],
    ) -> None:
        self.principal = principal
        self.same_account = same_account
        self.layers = layers
        self.derived = derived
        self.by_action: dict[str, Program] = {}
        self.by_statements: dict[tuple[int, ...], Program] = {}
        self.sheets: dict[tuple[Program, str | None], Sheet] = {}


class Evaluator:
    """Decides requests under one policy set. Safe in threads that share it."""

    def __init__(self, policy_set: PolicySet, compiler: Compiler | None = None) -> None:
        self.policy_set = policy_set
        self._compiler = compiler or default_compiler()
        self._layers = compile_layers(policy_set, self._compiler)
        self._callers: dict[tuple[Principal, str | None], Caller] = {}

    @classmethod
    def of_layers(
        cls, policy_set: PolicySet, layers: tuple[Layer, ...], compiler: Compiler
    ) -> Evaluator:
        """Return an evaluator of layers that are compiled already.

        `policy_set` tells the organization and the paths in it alone. The order of `layers` is
        that of `compile_layers`.
        """
        made = cls.__new__(cls)
        made.policy_set = policy_set
        made._compiler = compiler
        made._layers = layers
        made._callers = {}
        return made

    def with_identity_layer(self, identity: Layer) -> Evaluator:
        """Return an evaluator for another identity under otherwise the same policies."""
        layers = tuple(
            identity if layer.decider is Decider.IDENTITY_POLICY else layer
            for layer in self._layers
        )
        return Evaluator.of_layers(self.policy_set, layers, self._compiler)

    def decide_as(self, stand_in: Request, principal: Principal) -> Decision:
        """Decide `stand_in` as though `principal` asked.

        The two must be of one kind and account and alike exempt, and no policy may name
        principals: then they differ in derived context keys alone, and share everything learnt.
        """
        _, action, resource, resource_account_id, context = stand_in
        caller = self.caller(stand_in.principal, resource_account_id)
        program = caller.by_action.get(action) or self._program(caller, action)
        own = self._derived(principal, resource_account_id)
        return program.decide(resource, {**own, **context})

    def _derived(
        self, principal: Principal, resource_account_id: str | None
    ) -> dict[str, ContextValue]:
        return derived_context(
            principal,
            resource_account_id,
            self.policy_set.organization,
            _path(self.policy_set.service_control_policies),
            _path(self.policy_set.resource_control_policies),
        )

    def evaluate(self, request: Request) -> Decision:
        """Decide a request."""
        principal, action, resource, resource_account_id, context = request
        caller = self._callers.get((principal, resource_account_id))
        if caller is None:
            caller = self.caller(principal, resource_account_id)
        program = caller.by_action.get(action)
        if program is None:
            program = self._program(caller, action)
        return program.decide(resource, context)

    def explain(self, request: Request) -> Explanation:
        """Decide a request and trace the decision."""
        decision = self.evaluate(request)
        principal, action, resource, resource_account_id, context = request
        caller = self.caller(principal, resource_account_id)
        program = caller.by_action.get(action) or self._program(caller, action)
        exempt = self._rcp_exemption(action.lower(), resource, context)
        sheet = caller.sheets.get((program, exempt))
        if sheet is None:
            sheet = Sheet(caller.layers, program.covering, caller.derived, exempt)
            caller.sheets[program, exempt] = sheet
        return Explanation(request, decision, sheet.trace(resource, context))

    def caller(self, principal: Principal, resource_account_id: str | None) -> Caller:
        """Return how a principal that calls for a resource of some account meets the policies."""
        key = (principal, resource_account_id)
        found = self._callers.get(key)
        if found is None:
            organization = self.policy_set.organization
            has_boundary = principal.has_identity_policies and any(
                layer.decider is Decider.PERMISSION_BOUNDARY for layer in self._layers
            )
            found = Caller(
                principal,
                principal.account_id is not None and principal.account_id == resource_account_id,
                tuple(
                    bind_layer(
                        layer,
                        principal,
                        resource_account_id,
                        organization,
                        has_boundary=has_boundary,
                    )
                    for layer in self._layers
                ),
                self._derived(principal, resource_account_id),
            )
            if len(self._callers) >= _MOST_CALLERS:
                self._callers.clear()
            self._callers[key] = found
        return found

    def _program(self, caller: Caller, action: str) -> Program:
        lowered = action.lower()
        index = self._compiler.catalogue.index_of.get(lowered)
        skips_rcp = not self.is_bound_by_rcp(lowered)
        covering = []
        for number, bound in enumerate(caller.layers):
            if skips_rcp and bound.layer.decider is Decider.RESOURCE_CONTROL_POLICY:
                continue
            for entry in bound.entries:
                if entry.reach is Reach.NONE:
                    continue
                statement = entry.entry.statement
                covers = (
                    statement.covers_action(lowered)
                    if index is None
                    else statement.action_bits >> index & 1
                )
                if covers:
                    covering.append((number, entry))
        always = lowered == GET_CALLER_IDENTITY
        anonymous = caller.principal.kind is PrincipalKind.ANONYMOUS
        kind = _special_kind(lowered)
        signature = (kind, always, skips_rcp, *(id(entry) for _, entry in covering))
        program = caller.by_statements.get(signature)
        if program is None:
            rules = Rules(caller.principal, caller.same_account, always and not anonymous, False)
            program = Program(caller.layers, covering, rules, _SPECIAL[kind], caller.derived)
            caller.by_statements[signature] = program
        if len(caller.by_action) >= _MOST_ACTIONS:
            caller.by_action.clear()
        caller.by_action[action] = program
        return program

    def _rcp_exemption(
        self, action: str, resource: str, context: Mapping[str, ContextValue]
    ) -> str | None:
        if self.policy_set.resource_control_policies is None:
            return None
        if not self.is_bound_by_rcp(action):
            return _NO_RCP
        if not action.startswith("kms:"):
            return None
        managed = is_aws_managed_key(lambda key: context.get(key, ABSENT) if key else resource)
        return _NO_RCP_ON_KEY if managed else None

    def is_bound_by_rcp(self, action: str) -> bool:
        """Whether resource control policies can bind an action (in lower case) at all.

        Source: Organizations user guide, "List of AWS services that support RCPs".
        """
        service = action.partition(":")[0]
        return service in self._compiler.catalogue.rcp_services and action != RETIRE_GRANT


def _path(levels: Iterable[TargetPolicies] | None) -> list[str] | None:
    return None if levels is None else [level.target_id for level in levels]


def _special_kind(action: str) -> int:
    if action.startswith("kms:"):
        return 1
    return 2 if action in TRUST_ACTIONS else 0


def is_aws_managed_key(lookup: Lookup) -> Answer:
    """Whether a KMS request is about an AWS managed key, by its alias `alias/aws/…`.

    Told by the resource's ARN or by kms:ResourceAliases. Source: KMS developer guide, "AWS KMS
    keys" and "Aliases".
    """
    if _MANAGED_ALIAS(str(lookup(RESOURCE))):
        return True
    aliases = lookup(_ALIASES)
    if aliases is UNKNOWN:
        return None
    listed = (aliases,) if isinstance(aliases, str) else aliases
    return isinstance(listed, tuple) and any(text.startswith("alias/aws/") for text in listed)


def _is_no_aws_managed_key(lookup: Lookup) -> Answer:
    managed = is_aws_managed_key(lookup)
    return None if managed is None else not managed


_SPECIAL: Final = (
    Special(None, None),
    Special(
        Atom((RESOURCE,), lambda lookup: _KEY(str(lookup(RESOURCE))), None),
        Atom((RESOURCE, _ALIASES), _is_no_aws_managed_key, None),
    ),
    Special(Atom((RESOURCE,), lambda lookup: _ROLE(str(lookup(RESOURCE))), None), None),
)
"""By kind of action: any, of KMS, and those a trust policy decides."""
