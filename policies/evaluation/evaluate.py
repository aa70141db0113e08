"""Requests → decisions under one set of policies.

`Evaluator(policy_set).evaluate(request)`. Keep the evaluator: what it learns of an action and of a
caller serves every later request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from policies.compiled import Compiler, default_compiler
from policies.evaluation.aws_rules import (
    AwsRule,
    RuleKind,
    predicate_of,
    rules_for,
    rules_of_action,
)
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
from policies.evaluation.principal import Reach, RequestPrincipal
from policies.evaluation.program import RESOURCE, Predicate, Program, Special, Ternary
from policies.evaluation.request import Request
from policies.evaluation.trace import LayerTrace, Sheet, rule_trace
from policies.evaluation.verdict import Decision, Rules
from policies.language.conditions.values import ABSENT, UNKNOWN, ContextValue
from policies.language.patterns import string_glob
from policies.language.variables import Lookup

_MOST_CALLERS: Final = 4096
_MOST_ACTIONS: Final = 65536

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


Exemptions = tuple[tuple[Decider, str], ...]
"""Layers that do not apply to a request, by what they decide, each with the reason."""


class BoundCaller:
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
        principal: RequestPrincipal,
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
        self.sheets: dict[tuple[Program, Exemptions], Sheet] = {}


class Evaluator:
    """Decides requests under one policy set. Safe in threads that share it.

    `policies_alone`: leave out what AWS never permits (see `aws_rules`), to learn what the
    policies themselves say of a request.
    """

    def __init__(
        self,
        policy_set: PolicySet,
        compiler: Compiler | None = None,
        *,
        policies_alone: bool = False,
    ) -> None:
        self.policy_set = policy_set
        self._policies_alone = policies_alone
        self._compiler = compiler or default_compiler()
        self._layers = compile_layers(policy_set, self._compiler)
        self._callers: dict[tuple[RequestPrincipal, str | None], BoundCaller] = {}

    @classmethod
    def of_layers(
        cls, policy_set: PolicySet, layers: tuple[Layer, ...], compiler: Compiler
    ) -> Evaluator:
        """Return an evaluator of layers that are compiled already.

        Of `policy_set` only the organization and the paths in it are read. The order of `layers` is
        that of `compile_layers`.
        """
        made = cls.__new__(cls)
        made.policy_set = policy_set
        made._policies_alone = False
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

    def decide_as(self, stand_in: Request, principal: RequestPrincipal) -> Decision:
        """Decide `stand_in` as though `principal` asked.

        The two must be of one kind and account and alike exempt, and no policy may name
        principals: then they differ in derived context keys alone, and share everything learnt.
        """
        own = self._derived(principal, stand_in.resource_account_id)
        return self.program(stand_in).decide(stand_in.resource, {**own, **stand_in.context})

    def program(self, request: Request) -> Program:
        """Return what decides requests of this caller for this action.

        It decides for all callers of whom `decide_as` may speak, if the context holds the keys
        that are derived from them.
        """
        caller = self.caller(request.principal, request.resource_account_id)
        return caller.by_action.get(request.action) or self._program(caller, request.action)

    def _derived(
        self, principal: RequestPrincipal, resource_account_id: str | None
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
        lowered = action.lower()
        named = rules_of_action(lowered)
        exempt = self._exemptions(caller, lowered, resource, context)
        sheet = caller.sheets.get((program, exempt))
        if sheet is None:
            sheet = Sheet(caller.layers, program.covering, caller.derived, dict(exempt))
            caller.sheets[program, exempt] = sheet
        layers = sheet.trace(resource, context)
        if named:
            layers = (*self._rule_traces(caller, lowered, resource, context), *layers)
        return Explanation(request, decision, layers)

    def caller(self, principal: RequestPrincipal, resource_account_id: str | None) -> BoundCaller:
        """Return how a principal that calls for a resource of some account meets the policies."""
        key = (principal, resource_account_id)
        found = self._callers.get(key)
        if found is None:
            organization = self.policy_set.organization
            has_boundary = principal.has_identity_policies and any(
                layer.decider is Decider.PERMISSION_BOUNDARY for layer in self._layers
            )
            found = BoundCaller(
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

    def _program(self, caller: BoundCaller, action: str) -> Program:
        lowered = action.lower()
        index = self._compiler.catalogue.index_of.get(lowered)
        by_rcp = self.is_bound_by_rcp(lowered)
        # Few actions have rules of AWS's own: the others ask for them once.
        named = rules_of_action(lowered)
        by_resource = not named or _unbound_owner(caller, lowered) is None
        covering = []
        for number, bound in enumerate(caller.layers):
            decider = bound.layer.decider
            if not by_rcp and decider is Decider.RESOURCE_CONTROL_POLICY:
                continue
            if not by_resource and decider is Decider.RESOURCE_POLICY:
                continue
            for entry in bound.entries:
                if entry.reach is Reach.NONE:
                    continue
                statement = entry.entry.statement
                covers = (
                    statement.covers_action(lowered)
                    if index is None
                    else statement.covers_index(index)
                )
                if covers:
                    covering.append((number, entry))
        always, never = False, named
        if named:
            always = bool(rules_for(lowered, caller.principal, RuleKind.NO_PERMISSION_NEEDED))
            never = self._never_permitted(lowered, caller.principal)
        kind = _special_kind(lowered)
        entries = [id(entry) for _, entry in covering]
        signature = (kind, always, by_rcp, by_resource, *map(id, never), *entries)
        program = caller.by_statements.get(signature)
        if program is None:
            rules = Rules(caller.principal, caller.same_account, always, False, False)
            special = _SPECIAL[kind]
            if never:
                special = special._replace(never_permitted_where=predicate_of(never))
            program = Program(caller.layers, covering, rules, special, caller.derived)
            caller.by_statements[signature] = program
        if len(caller.by_action) >= _MOST_ACTIONS:
            caller.by_action.clear()
        caller.by_action[action] = program
        return program

    def _never_permitted(self, action: str, principal: RequestPrincipal) -> tuple[AwsRule, ...]:
        if self._policies_alone:
            return ()
        return rules_for(action, principal, RuleKind.NEVER_PERMITTED)

    def _rule_traces(
        self, caller: BoundCaller, action: str, resource: str, context: Mapping[str, ContextValue]
    ) -> tuple[LayerTrace, ...]:
        """Return what AWS's own rules say of a request."""

        def lookup(key: str) -> ContextValue:
            if not key:
                return resource
            value = context.get(key)
            return caller.derived.get(key, ABSENT) if value is None else value

        principal = caller.principal
        needless = rules_for(action, principal, RuleKind.NO_PERMISSION_NEEDED)
        found = [rule_trace(rule, True) for rule in needless]
        for rule in self._never_permitted(action, principal):
            holds = rule.holds(lookup)
            if holds is not False:
                found.append(rule_trace(rule, holds))
        return tuple(found)

    def _exemptions(
        self, caller: BoundCaller, action: str, resource: str, context: Mapping[str, ContextValue]
    ) -> Exemptions:
        found: Exemptions = ()
        of_rcp = self._rcp_exemption(action, resource, context)
        if of_rcp is not None:
            found = ((Decider.RESOURCE_CONTROL_POLICY, of_rcp),)
        owner = _unbound_owner(caller, action) if rules_of_action(action) else None
        if owner is not None:
            found = (*found, (Decider.RESOURCE_POLICY, owner.text))
        return found

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


def _unbound_owner(caller: BoundCaller, action: str) -> AwsRule | None:
    """Return the rule by which a resource's own policy does not bind the caller."""
    if not caller.same_account:
        return None
    kind = RuleKind.RESOURCE_POLICY_DOES_NOT_BIND
    return next(iter(rules_for(action, caller.principal, kind)), None)


def _path(levels: Iterable[TargetPolicies] | None) -> list[str] | None:
    return None if levels is None else [level.target_id for level in levels]


def _special_kind(action: str) -> int:
    if action.startswith("kms:"):
        return 1
    return 2 if action in TRUST_ACTIONS else 0


def is_aws_managed_key(lookup: Lookup) -> Ternary:
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


def _is_no_aws_managed_key(lookup: Lookup) -> Ternary:
    managed = is_aws_managed_key(lookup)
    return None if managed is None else not managed


_SPECIAL: Final = (
    Special(None, None),
    Special(
        Predicate((RESOURCE,), lambda lookup: _KEY(str(lookup(RESOURCE))), None),
        Predicate((RESOURCE, _ALIASES), _is_no_aws_managed_key, None),
    ),
    Special(Predicate((RESOURCE,), lambda lookup: _ROLE(str(lookup(RESOURCE))), None), None),
)
"""By kind of action: any, of KMS, and those a trust policy decides."""
