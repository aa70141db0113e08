"""What AWS policies mean: a pure library, same input, same answer.

Text becomes a `PolicyDocument` (`parse_policy`), a document becomes statements over the catalogue
of AWS's actions (`Compiler`), and everything else works on those.
"""

from policies.catalogue import Catalogue, ConditionKey, ResourceType, load_catalogue
from policies.compiled import (
    CompiledCondition,
    CompiledStatement,
    Compiler,
    PolicyLevel,
    default_compiler,
)
from policies.evaluation.evaluate import Evaluator
from policies.evaluation.explain import Explanation
from policies.evaluation.layers import Decider
from policies.evaluation.policy_set import PolicySet, TargetPolicies
from policies.evaluation.principal import (
    NotAPrincipal,
    PrincipalKind,
    RequestPrincipal,
    parse_principal,
)
from policies.evaluation.principals import Candidate, allowed_principals
from policies.evaluation.request import NotARequest, OrganizationIds, Request, make_request
from policies.evaluation.verdict import Decision, DecisionOutcome
from policies.language.conditions import make_leaf, make_test
from policies.language.conditions.values import ABSENT, UNKNOWN, ContextValue, Missing
from policies.language.document import (
    Condition,
    Diagnostic,
    Effect,
    ManagementPolicy,
    Operator,
    ParsedPolicy,
    PolicyDocument,
    Position,
    PrincipalElement,
    SetOperator,
    Severity,
    Statement,
)
from policies.language.parse import parse_decoded_policy, parse_policy
from policies.language.policy_types import (
    ACCESS_POLICY_TYPES,
    MANAGEMENT_POLICY_TYPES,
    ORGANIZATION_POLICY_TYPES,
    PolicyLimits,
    PolicyType,
    policy_limits,
    policy_size,
)

__all__ = [
    "ABSENT",
    "ACCESS_POLICY_TYPES",
    "MANAGEMENT_POLICY_TYPES",
    "ORGANIZATION_POLICY_TYPES",
    "UNKNOWN",
    "Candidate",
    "Catalogue",
    "CompiledCondition",
    "CompiledStatement",
    "Compiler",
    "Condition",
    "ConditionKey",
    "ContextValue",
    "Decider",
    "Decision",
    "DecisionOutcome",
    "Diagnostic",
    "Effect",
    "Evaluator",
    "Explanation",
    "ManagementPolicy",
    "Missing",
    "NotAPrincipal",
    "NotARequest",
    "Operator",
    "OrganizationIds",
    "ParsedPolicy",
    "PolicyDocument",
    "PolicyLevel",
    "PolicyLimits",
    "PolicySet",
    "PolicyType",
    "Position",
    "PrincipalElement",
    "PrincipalKind",
    "Request",
    "RequestPrincipal",
    "ResourceType",
    "SetOperator",
    "Severity",
    "Statement",
    "TargetPolicies",
    "allowed_principals",
    "default_compiler",
    "load_catalogue",
    "make_leaf",
    "make_request",
    "make_test",
    "parse_decoded_policy",
    "parse_policy",
    "parse_principal",
    "policy_limits",
    "policy_size",
]
