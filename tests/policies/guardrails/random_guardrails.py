"""Random guardrails over random organizations, and whether requests contradict what is found."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from policies.catalogue import ResourceType, load_catalogue
from policies.compiled import default_compiler
from policies.evaluation.evaluate import Evaluator
from policies.evaluation.policy_set import PolicySet, TargetPolicies
from policies.evaluation.request import OrganizationIds, Request
from policies.guardrails import AccountResult, EffectGuardrail, GuardrailChecker, GuardrailOutcome
from policies.guardrails.compiled_guardrail import (
    BadGuardrail,
    CompiledGuardrail,
    compile_guardrail,
)
from policies.language.conditions.values import ABSENT, ContextValue
from policies.language.document import PolicyDocument
from policies.language.json_reader import JsonValue
from policies.language.parse import parse_decoded_policy
from policies.language.policy_types import PolicyType
from policies.resource_arns import arn_pattern
from tests.policies.comparison import random_organizations as scps
from tests.policies.comparison import random_resource_controls as rcps
from tests.policies.comparison.brute_force import RCP, SCP, documents, made, tree
from tests.policies.comparison.random_organizations import Organization
from tests.policies.reference.from_question import reference_answer

IDS = OrganizationIds(rcps.ORGANIZATION, rcps.MANAGEMENT)
ALLOW: dict[str, Any] = {"Effect": "Allow", "Action": "*", "Resource": "*"}
IDENTITY: dict[str, Any] = {"Version": "2012-10-17", "Statement": [ALLOW]}
OPEN: dict[str, Any] = {"Version": "2012-10-17", "Statement": [{**ALLOW, "Principal": "*"}]}
ALWAYS_SENT = {
    "aws:RequestedRegion": scps.REGIONS,
    "aws:CurrentTime": scps.DATES,
    "aws:SecureTransport": ("true", "false"),
    "aws:ViaAWSService": ("true", "false"),
}
TRUST: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:*", "Principal": "*"}],
}


@dataclass
class RandomQuestion:
    """A random organization with SCPs and RCPs, and a guardrail."""

    scps: Organization
    rcps: Organization | None
    guardrail: EffectGuardrail


def asked(rng: random.Random, *, variables: bool) -> RandomQuestion:
    of_scps = scps.organization(rng, variables=variables)
    of_rcps = None
    if rng.random() < 0.6:
        of_rcps = Organization(dict(of_scps.parents), {})
        for target in of_rcps.parents:
            of_rcps.policies[target] = [rcps.FULL]
            for _ in range(rng.choice((0, 0, 1, 2))):
                of_rcps.policies[target].append(
                    scps.document(rng, rcps.RESOURCE_CONTROL, variables=variables)
                )
    return RandomQuestion(of_scps, of_rcps, guardrail(rng, of_scps, of_rcps))


def guardrail(
    rng: random.Random, of_scps: Organization, of_rcps: Organization | None
) -> EffectGuardrail:
    """Return a guardrail; most say what a statement of the organization says."""
    found = [
        statement
        for organization in (of_scps, of_rcps)
        if organization is not None
        for listed in organization.policies.values()
        for document in listed
        for statement in _listed(document["Statement"])
        if statement["Effect"] == "Deny"
    ]
    like = rng.choice(found) if found and rng.random() < 0.75 else {}
    catalogue = load_catalogue()
    patterns = like.get("Action") or scps.some(rng, (*scps.ACTION_PATTERNS, *rcps.ACTION_PATTERNS))
    actions = tuple(one for one in patterns if catalogue.bits(one) and one != "*")
    resources: tuple[str, ...] = ()
    if rng.random() < 0.5:
        pool = like.get("Resource", "*")
        resources = ("*",) if pool == "*" else tuple(one for one in pool if "${" not in one)
    excepted: tuple[str, ...] = ()
    unless: dict[str, JsonValue] = {}
    for operator, keys in like.get("Condition", {}).items():
        for key, values in keys.items():
            if key == "aws:PrincipalArn" and "Not" in operator:
                excepted = tuple(one for one in values if "${" not in one)
            elif (turned := _turned(operator)) is not None and rng.random() < 0.8:
                unless[turned] = {key: list(values)}
    if not like and rng.random() < 0.5:
        operator, key, values = scps.condition(rng, variables=False)
        unless[operator] = {key: list(values)}
    if not excepted and rng.random() < 0.3:
        excepted = tuple(scps.some(rng, scps.ARN_PATTERNS))
    made = EffectGuardrail(
        id="random",
        actions=actions or ("s3:*",),
        resources=resources,
        principals_except=excepted,
        unless=dict(list(unless.items())[:1]),
    )
    try:
        compile_guardrail(made, default_compiler())
    except BadGuardrail:
        # No action of it takes its resources.
        return replace(made, resources=("*",) if resources else ())
    return made


def _turned(operator: str) -> str | None:
    """Return the operator that holds where another one does not, for a key that is there."""
    quantifier, _, name = operator.rpartition(":")
    if name == "Null" or name.startswith(("Numeric", "Date", "Bool")):
        return None
    if quantifier:
        return None
    base = name.removesuffix("IfExists")
    if base.startswith("StringNot"):
        return base.replace("StringNot", "String", 1)
    if base.startswith("String"):
        return base.replace("String", "StringNot", 1)
    return {"IpAddress": "NotIpAddress", "NotIpAddress": "IpAddress"}.get(base)


def _listed(value: object) -> list[dict[str, Any]]:
    return value if isinstance(value, list) else []


class GuardOracle:
    """Whether requests are guarded in an account, and pass what binds it, by the evaluator."""

    def __init__(self, given: RandomQuestion, account: str, *, knows_organization: bool) -> None:
        self.account = account
        compiler = default_compiler()
        self.guardrail: CompiledGuardrail = compile_guardrail(given.guardrail, compiler)
        self.catalogue = compiler.catalogue
        self.ids = IDS if knows_organization else None
        self.levels = {
            "service_control_policies": _levels(given.scps, account),
            "resource_control_policies": None
            if given.rcps is None
            else _levels(given.rcps, account),
        }
        self.path = given.scps.path(account)[:-1]
        own = tuple(
            TargetPolicies(one, documents(given.scps.policies[one], SCP))
            for one in given.scps.path(account)
        )
        inside = None
        if given.rcps is not None:
            inside = tuple(
                TargetPolicies(one, documents(given.rcps.policies[one], RCP))
                for one in given.rcps.path(account)
            )
        identity = (_document(IDENTITY, PolicyType.IDENTITY_POLICY),)
        opened = _document(OPEN, PolicyType.RESOURCE_POLICY)
        self.own = Evaluator(
            PolicySet(self.ids, own, inside, identity, resource_policy=opened), compiler
        )
        self.others = Evaluator(
            PolicySet(
                self.ids,
                None,
                inside,
                identity,
                resource_policy=opened,
            ),
            compiler,
        )

    def is_guarded(self, request: Request) -> bool:
        """Whether the guardrail is about a request."""
        guardrail, principal = self.guardrail, request.principal
        index = self.catalogue.index_of.get(request.action.lower())
        if index is None or not guardrail.bits >> index & 1 or principal.is_service_linked_role:
            return False
        is_own = principal.account_id == self.account
        if not is_own and not guardrail.asks_outsiders:
            return False
        if request.resource_account_id != self.account or not self._is_taken(index, request):
            return False
        if not is_own and (
            not self._is_bound(request.action.lower()) or self.catalogue.untyped_bits >> index & 1
        ):
            return False
        if (
            not is_own
            and principal.kind == "identity provider"
            and "assumerolewith" not in (request.action.lower())
        ):
            return False

        def lookup(key: str) -> ContextValue:
            derived = (
                (self.own if is_own else self.others)
                .caller(principal, request.resource_account_id)
                .derived
            )
            return request.context.get(key, derived.get(key, ABSENT))

        if guardrail.resources is not None and not guardrail.resources.covers_resource(
            request.resource, lookup
        ):
            return False
        if guardrail.exceptions is not None and guardrail.exceptions.holds(lookup):
            return False
        return not any(
            all(condition.holds(lookup) for condition in block) for block in guardrail.unless
        )

    def _is_bound(self, action: str) -> bool:
        service = action.partition(":")[0]
        return service in self.catalogue.rcp_services and action != "kms:retiregrant"

    def _is_taken(self, index: int, request: Request) -> bool:
        """Whether the action takes the resource, which is in the account."""
        types = self.catalogue.resource_types(index)
        required = [kind for kind, needed in types if needed]
        if not required and request.resource == "*":
            return True
        in_arn = request.resource.split(":", 5)[4:5]
        if in_arn and in_arn[0] not in ("", "aws", self.account):
            return False
        counted = [kind for kind, _ in types]
        if required and not self.guardrail.asks_outsiders:
            counted = required
        globs = [
            arn_pattern(
                replace(
                    ResourceType(kind.service, kind.name, kind.arn, ()),
                    arn=kind.arn.replace("${Partition}", "aws").replace("${Account}", self.account),
                )
            )
            for kind in counted
        ]
        return any(glob.matches(request.resource) for glob in globs)

    def passes(self, request: Request) -> bool:
        """Whether the SCPs and RCPs let a request pass, where all else allows it."""
        is_own = request.principal.account_id == self.account
        return (self.own if is_own else self.others).evaluate(request).decision == "allowed"

    def question(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return what `evaluate` and the reference are asked of a counterexample."""
        is_own = f"::{self.account}:" in str(request["principal"])
        question: dict[str, Any] = {"request": request, "identity_policies": [IDENTITY]}
        if self.ids is not None:
            question["organization"] = {
                "id": self.ids.organization_id,
                "management_account_id": self.ids.management_account_id,
            }
        if is_own:
            question["service_control_policies"] = self.levels["service_control_policies"]
        owner = request.get("resource_account_id", self.account)
        if owner == self.account and self.levels["resource_control_policies"] is not None:
            question["resource_control_policies"] = self.levels["resource_control_policies"]
        is_trust = str(request["action"]).lower().startswith("sts:")
        question["resource_policy"] = TRUST if is_trust else OPEN
        return question


def _levels(organization: Organization, account: str) -> list[dict[str, Any]]:
    return [
        {"target_id": one, "policies": organization.policies[one]}
        for one in organization.path(account)
    ]


def _document(policy: dict[str, Any], policy_type: PolicyType) -> PolicyDocument:
    document = parse_decoded_policy(policy, policy_type).document
    assert document is not None
    return document


def request_of(rng: random.Random, oracle: GuardOracle) -> Request:
    """Return a random request by somebody on a resource of the account."""
    is_own = rng.random() < 0.6
    vocabulary = scps if is_own else rcps
    written: dict[str, Any] = vocabulary.request(rng, oracle.account)
    context = written["context"]
    context.pop("aws:ResourceAccount", None)
    if oracle.ids is None:
        context.pop("aws:ResourceOrgID", None)
    actions = oracle.catalogue.actions(oracle.guardrail.bits)
    if rng.random() < 0.7:
        written["action"] = rng.choice(actions)
    if rng.random() < 0.6:
        written["resource"] = resource_for(rng, written["action"], oracle)
    for key, values in ALWAYS_SENT.items():
        context.setdefault(key, rng.choice(values))
    if f"::{oracle.account}:" in written["principal"]:
        context.pop("aws:PrincipalOrgID", None)
        context.pop("aws:PrincipalOrgPaths", None)
    return made({**written, "resource_account_id": oracle.account})


def resource_for(rng: random.Random, action: str, oracle: GuardOracle) -> str:
    """Return a resource that an action takes."""
    index = oracle.catalogue.index_of.get(action.lower())
    types = () if index is None else oracle.catalogue.resource_types(index)
    if not types:
        return "*"
    arn = rng.choice(types)[0].arn.replace("${Partition}", "aws")
    arn = arn.replace("${Account}", oracle.account)
    arn = arn.replace("${Region}", rng.choice(("eu-west-1", "us-east-1")))
    names = ("data", "secret", "a", "logs", "admin", "team/dev", "queue")
    while "${" in arn:
        before, _, after = arn.partition("${")
        arn = before + rng.choice(names) + after.partition("}")[2]
    return arn


def check(seed: int, *, variables: bool, requests: int) -> Counter[str]:
    """Hold one random guardrail against random requests; return what was found how often."""
    rng = random.Random(f"guardrail {seed} {variables}")
    given = asked(rng, variables=variables)
    compiler = default_compiler()
    knows = rng.random() < 0.5
    checker = GuardrailChecker(
        compiler,
        tree(given.scps, compiler, SCP),
        None if given.rcps is None else tree(given.rcps, compiler, RCP),
        rcps.MANAGEMENT if knows else None,
        organization_id=rcps.ORGANIZATION if knows else None,
    )
    found: Counter[str] = Counter()
    for account, result in checker.check([given.guardrail])["random"].items():
        found[result.outcome.value] += 1
        oracle = GuardOracle(given, account, knows_organization=knows)
        if result.outcome is GuardrailOutcome.FAILS:
            confirm(oracle, result, seed)
        elif result.outcome is GuardrailOutcome.HOLDS:
            for _ in range(requests):
                request = request_of(rng, oracle)
                if oracle.is_guarded(request):
                    found["guarded requests"] += 1
                    assert not oracle.passes(request), (seed, given.guardrail, request)
    return found


def confirm(oracle: GuardOracle, result: AccountResult, seed: int) -> None:
    """Hold a counterexample against `evaluate` and against the reference."""
    shown: Any = result.counterexample
    assert shown is not None
    request = made(
        {
            "principal": shown["principal"],
            "action": shown["action"],
            "resource": shown["resource"],
            "resource_account_id": shown.get("resource_account_id"),
            "context": shown["context"],
        }
    )
    if request.resource_account_id == oracle.account:
        assert oracle.is_guarded(request), (seed, shown)
    question = oracle.question(shown)
    assert reference_answer(question) == "allowed", (seed, shown)
    if request.resource_account_id == oracle.account:
        assert oracle.passes(request), (seed, shown)
