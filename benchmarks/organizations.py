"""The reference organization: 10,000 accounts, 400 OUs up to five deep, 200 SCPs of 5 statements.

A third of the statements have conditions; most of these exempt roles by three of 80 patterns, of
which none, 5 or 16 have the form `*word*`. 72 seeded edits go with it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any, ClassVar

from policies.compiled import Compiler, PolicyLevel
from policies.language.document import PolicyDocument
from policies.language.parse import parse_decoded_policy
from policies.language.policy_types import PolicyType
from policies.targets import Target, TargetTree

EDITS = ("remove", "widen", "region", "reorder", "split", "attach", "detach", "move")
WORDS = (
    "admin", "break", "glass", "audit", "deploy", "pipeline", "network", "security", "backup",
    "billing", "platform", "support", "readonly", "operator", "scanner", "janitor",
)  # fmt: skip
SERVICES = (
    "ec2", "s3", "iam", "kms", "rds", "lambda", "sqs", "sns", "dynamodb", "cloudtrail", "config",
    "guardduty", "organizations", "route53", "cloudformation", "ecs", "eks", "logs", "sts",
    "securityhub",
)  # fmt: skip
RCP_SERVICES = ("s3", "sqs", "kms", "secretsmanager", "sts")
ORGANIZATION_ID = "o-reference"
VERBS = ("Create", "Delete", "Put", "Update", "Get", "List", "Describe", "Attach", "Detach")
REGIONS = ("eu-west-1", "eu-central-1", "eu-north-1", "us-east-1", "us-west-2", "ap-southeast-2")
OU_LEVELS = (8, 40, 110, 142, 100)
GLOBAL_SERVICES = ("iam:*", "organizations:*", "route53:*", "support:*", "sts:*", "cloudfront:*")

Document = dict[str, Any]
FULL: Document = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


@dataclass(frozen=True)
class Edit:
    """One edit: its kind and the tree that it makes."""

    kind: str
    after: TargetTree


class ReferenceOrganization:
    """The organization, compiled. `words`: how many of the 80 role patterns are `*word*`."""

    policy_type: ClassVar[PolicyType] = PolicyType.SERVICE_CONTROL_POLICY
    full: ClassVar[Document] = FULL

    def __init__(self, compiler: Compiler, *, words: int, accounts: int = 10_000) -> None:
        self._rng = random.Random(f"organization {words}")
        self._compiler = compiler
        self.role_patterns = _role_patterns(words)
        self._levels: dict[tuple[int, ...], PolicyLevel] = {}
        self.policies: list[Document] = [self.full, *(self._policy() for _ in range(200))]
        self._documents = [self._parsed(policy) for policy in self.policies]
        self.parents: dict[str, str | None] = {}
        self.attached: dict[str, tuple[int, ...]] = {}
        self._plant(accounts)
        self.tree = TargetTree(
            Target(target_id, parent_id, self._level(self.attached[target_id]))
            for target_id, parent_id in self.parents.items()
        )

    def _parsed(self, policy: Document) -> PolicyDocument:
        parsed = parse_decoded_policy(dict(policy), self.policy_type)
        if parsed.document is None:
            raise ValueError(f"the generator made no policy: {parsed.diagnostics}")
        return parsed.document

    def _policy(self) -> Document:
        return {
            "Version": "2012-10-17",
            "Statement": [self._statement() for _ in range(5)],
        }

    def _statement(self) -> Document:
        rng = self._rng
        made: Document = {"Effect": "Deny", "Resource": "*"}
        services = rng.sample(SERVICES, rng.randint(1, 3))
        made["Action"] = [
            f"{service}:{rng.choice(VERBS)}*" if rng.random() < 0.8 else f"{service}:*"
            for service in services
        ]
        if rng.random() < 1 / 3:
            kind = rng.randrange(4)
            exemption = {"ArnNotLike": {"aws:PrincipalArn": rng.sample(self.role_patterns, 3)}}
            if kind == 0:
                del made["Action"]
                made["NotAction"] = [*GLOBAL_SERVICES, *(f"{s}:*" for s in services)]
                regions = rng.sample(REGIONS, 3)
                made["Condition"] = {
                    "StringNotEquals": {"aws:RequestedRegion": regions}
                } | exemption
            elif kind == 1:
                made["Condition"] = {"Null": {"aws:RequestTag/cost-center": "true"}} | exemption
            elif kind == 2:
                secure = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
                made["Condition"] = secure | exemption
            else:
                made["Condition"] = exemption
        return made

    def _plant(self, accounts: int) -> None:
        rng = self._rng
        root = "r-root"
        self.parents[root] = None
        self.attached[root] = (0, *rng.sample(range(1, 201), 2))
        above = [root]
        units: list[str] = []
        for depth, count in enumerate(OU_LEVELS):
            made = [f"ou-{depth}-{number:03}" for number in range(count)]
            for unit in made:
                self.parents[unit] = rng.choice(above)
                extra = rng.choice((0, 0, 1, 1, 2))
                self.attached[unit] = (0, *rng.sample(range(1, 201), extra))
            units += made
            above = made
        for number in range(accounts):
            account_id = f"{100_000_000_000 + number * 7_919:012}"
            self.parents[account_id] = rng.choice(units)
            extra = 1 if rng.random() < 0.2 else 0
            self.attached[account_id] = (0, *rng.sample(range(1, 201), extra))

    def _level(self, attached: tuple[int, ...]) -> PolicyLevel:
        found = self._levels.get(attached)
        if found is None:
            documents = (self._documents[number] for number in attached)
            found = self._levels[attached] = self._compiler.level(documents)
        return found

    def edits(self, count: int = 72) -> list[Edit]:
        """Return seeded edits, as many of each kind as of the others."""
        rng = random.Random("edits")
        return [self._edit(rng, EDITS[number % len(EDITS)]) for number in range(count)]

    def _edit(self, rng: random.Random, kind: str) -> Edit:
        if kind in ("attach", "detach", "move"):
            return Edit(kind, self.tree.replaced([self._moved(rng, kind)]))
        number, changed = self._changed_policy(rng, kind)
        documents = [self._parsed(policy) for policy in changed]
        replaced: list[Target] = []
        levels: dict[tuple[int, ...], PolicyLevel] = {}
        for target_id, attached in self.attached.items():
            if number not in attached:
                continue
            if attached not in levels:
                others = [self._documents[at] for at in attached if at != number]
                levels[attached] = self._compiler.level([*others, *documents])
            replaced.append(Target(target_id, self.parents[target_id], levels[attached]))
        return Edit(kind, self.tree.replaced(replaced))

    def edited_policy(self, rng: random.Random, kind: str) -> tuple[int, Document]:
        """Return the number of a policy that is attached somewhere, and an edit of its text."""
        number, changed = self._changed_policy(rng, kind)
        return number, changed[0]

    def _changed_policy(self, rng: random.Random, kind: str) -> tuple[int, list[Document]]:
        used = sorted({number for listed in self.attached.values() for number in listed if number})
        at_root = self.attached["r-root"][1:]
        while True:
            number = rng.choice(at_root if rng.random() < 0.15 else used)
            changed = _changed(rng, self.policies[number], kind)
            if changed is not None:
                return number, changed

    def _moved(self, rng: random.Random, kind: str) -> Target:
        units = [target for target in self.parents if target.startswith("ou-")]
        accounts = [target for target in self.parents if target.isdecimal()]
        if kind == "move":
            account = rng.choice(accounts)
            return Target(account, rng.choice(units), self._level(self.attached[account]))
        held = [unit for unit in units if len(self.attached[unit]) > 1]
        target = rng.choice(held if kind == "detach" else units)
        attached = self.attached[target]
        changed = attached[:-1] if kind == "detach" else (*attached, rng.randrange(1, 201))
        return Target(target, self.parents[target], self._level(changed))


class ReferenceResourceControls(ReferenceOrganization):
    """The same organization with RCPs in the place of its SCPs: five perimeters in each."""

    policy_type: ClassVar[PolicyType] = PolicyType.RESOURCE_CONTROL_POLICY
    full: ClassVar[Document] = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
    }

    def _statement(self) -> Document:
        rng = self._rng
        services = rng.sample(RCP_SERVICES, rng.randint(1, 3))
        made: Document = {"Effect": "Deny", "Principal": "*", "Resource": "*"}
        made["Action"] = [
            f"{service}:{rng.choice(VERBS)}*" if rng.random() < 0.5 else f"{service}:*"
            for service in services
        ]
        outside = {
            "StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORGANIZATION_ID},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
        }
        roles = {"ArnNotLike": {"aws:PrincipalArn": rng.sample(self.role_patterns, 3)}}
        made["Condition"] = (
            outside,
            outside | roles,
            {"BoolIfExists": {"aws:SecureTransport": "false"}},
            {"StringNotEquals": {"aws:RequestedRegion": rng.sample(REGIONS, 3)}} | roles,
            {
                "StringNotEqualsIfExists": {"aws:SourceOrgID": ORGANIZATION_ID},
                "Null": {"aws:SourceAccount": "false"},
                "Bool": {"aws:PrincipalIsAWSService": "true"},
            },
        )[rng.randrange(5)]
        return made


def _role_patterns(words: int) -> list[str]:
    wild = [f"arn:aws:iam::*:role/*{word}*" for word in WORDS[:words]]
    fixed = [f"arn:aws:iam::*:role/team-{number:02}-lead" for number in range(40)]
    begun = [f"arn:aws:iam::*:role/unit-{number:02}/*" for number in range(40 - words)]
    return [*wild, *fixed, *begun]


def _changed(rng: random.Random, policy: Document, kind: str) -> list[Document] | None:
    """Return the policies that replace one; None where the edit does not suit it."""
    listed = policy["Statement"]
    statements = list(listed) if isinstance(listed, list) else []
    at = rng.randrange(len(statements))
    if kind == "remove":
        del statements[at]
    elif kind == "reorder":
        rng.shuffle(statements)
        statements = [{"Sid": f"S{number}", **one} for number, one in enumerate(statements)]
    elif kind == "split":
        return [
            {**policy, "Statement": statements[: at + 1]},
            {**policy, "Statement": statements[at:]},
        ]
    else:
        key = "aws:PrincipalArn" if kind == "widen" else "aws:RequestedRegion"
        operator = "ArnNotLike" if kind == "widen" else "StringNotEquals"
        for number, one in enumerate(statements):
            values = one.get("Condition", {}).get(operator, {}).get(key)
            if values:
                if kind == "region":
                    added = [*values, next(r for r in REGIONS if r not in values)]
                else:
                    shorter = values[0][:-2] if values[0].endswith("*") else values[0]
                    added = [shorter + "*", *values[1:]]
                inner = {**one["Condition"], operator: {key: added}}
                statements[number] = {**one, "Condition": inner}
                return [{**policy, "Statement": statements}]
        return None
    return [{**policy, "Statement": statements}]
