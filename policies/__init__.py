"""What AWS policies mean: a pure library, same input, same answer.

Text becomes a `PolicyDocument` (`parse_policy`), a document becomes statements over the catalogue
of AWS's actions (`Compiler`), and everything else works on those.
"""

from policies.catalogue import Catalogue, ConditionKey, ResourceType, load_catalogue
from policies.compiled import (
    CompiledCondition,
    CompiledStatement,
    Compiler,
    Level,
    default_compiler,
)
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
    "Catalogue",
    "CompiledCondition",
    "CompiledStatement",
    "Compiler",
    "Condition",
    "ConditionKey",
    "ContextValue",
    "Diagnostic",
    "Effect",
    "Level",
    "ManagementPolicy",
    "Missing",
    "Operator",
    "ParsedPolicy",
    "PolicyDocument",
    "PolicyLimits",
    "PolicyType",
    "Position",
    "PrincipalElement",
    "ResourceType",
    "SetOperator",
    "Severity",
    "Statement",
    "default_compiler",
    "load_catalogue",
    "make_leaf",
    "make_test",
    "parse_decoded_policy",
    "parse_policy",
    "policy_limits",
    "policy_size",
]
