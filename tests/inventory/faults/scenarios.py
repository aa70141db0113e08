"""What goes wrong in a run, drawn from a seed."""

import random
from dataclasses import dataclass, field
from typing import Any

# Lists whose items AWS may leave out of an answer that is whole in form.
LISTS = (
    *("ListPolicies", "ListTargetsForPolicy", "ListAccounts", "ListOrganizationalUnitsForParent"),
    *("ListAWSServiceAccessForOrganization", "ListDelegatedAdministrators"),
    *("GetAccountAuthorizationDetails", "ListSAMLProviders", "ListOpenIDConnectProviders"),
)
# What is asked for of things that were just listed, and AWS's word for one that is not there.
NOT_FOUND = {
    "DescribePolicy": "PolicyNotFoundException",
    "ListTargetsForPolicy": "PolicyNotFoundException",
    "ListOrganizationalUnitsForParent": "ParentNotFoundException",
    "ListDelegatedServicesForAccount": "AccountNotRegisteredException",
    "DescribeEffectivePolicy": "TargetNotFoundException",
    "DescribeResourcePolicy": "ResourcePolicyNotFoundException",
    "GetSAMLProvider": "NoSuchEntity",
    "GetOpenIDConnectProvider": "NoSuchEntity",
}
OPERATIONS = (
    *LISTS,
    *NOT_FOUND,
    *("DescribeOrganization", "ListRoots", "AssumeRole", "GetAccountSummary", "GetResources"),
    *("GetAccountPasswordPolicy", "GetCredentialReport", "ListAccountAliases", "ListBuckets"),
)


@dataclass(slots=True)
class Scenario:
    """Faults that AWS has (`ordered`), and what else is lost or steps meanwhile.

    `killed_organization`, `killed_tasks`: how many readings lose their worker. `frozen`: how many
    workers sleep after they read, until others have done their work, and wake. `database`: how many
    stores meet no database. `broker`: how many sends meet no broker. `emptied`: how many messages
    the broker loses. `cancelled_after`: after how many deliveries somebody cancels the run, 0:
    nobody. `clock_seconds`: how far the clock steps in the middle of the run. `lifted_after`:
    rounds of upkeep until AWS is well.
    """

    seed: int
    ordered: list[dict[str, Any]] = field(default_factory=list)
    killed_organization: int = 0
    killed_tasks: int = 0
    frozen: int = 0
    database: int = 0
    broker: int = 0
    emptied: int = 0
    cancelled_after: int = 0
    clock_seconds: int = 0
    lifted_after: int = 1000

    def __str__(self) -> str:
        faults = ", ".join(
            f"{each['kind']} {each['operation']} x {each.get('count', 'all')}"
            for each in self.ordered
        )
        lost = {
            name: value
            for name in (
                *("killed_organization", "killed_tasks", "frozen", "database", "broker"),
                *("emptied", "cancelled_after"),
            )
            if (value := getattr(self, name))
        }
        return f"seed {self.seed}: {faults} {lost or ''} clock {self.clock_seconds:+} s"


def scenario(seed: int) -> Scenario:
    """Return the scenario of a seed: each kind of fault in turn, others on top at times."""
    dice = random.Random(seed)
    made = Scenario(seed)
    mains = (
        *("refuse", "throttle", "error", "cut", "lose-answer", "shorten", "garble", "delay"),
        *("not-found", "vanish", "killed", "database", "broker", "clock", "not-signed-up", "late"),
        *("frozen", "emptied", "cancelled"),
    )
    _add(made, mains[seed % len(mains)], dice)
    if dice.random() < 0.4:
        _add(made, dice.choice(mains), dice)
    if dice.random() < 0.3:
        made.lifted_after = dice.randint(0, 2)
    return made


def _add(made: Scenario, kind: str, dice: random.Random) -> None:
    often: dict[str, Any] = {} if dice.random() < 0.4 else {"count": dice.randint(1, 6)}
    after = {"after": dice.randint(0, 3)}
    operation = dice.choice(OPERATIONS)
    match kind:
        case "not-found":
            operation = dice.choice(list(NOT_FOUND))
            made.ordered.append(
                {
                    "kind": "refuse",
                    "operation": operation,
                    "code": NOT_FOUND[operation],
                    **often,
                    **after,
                }
            )
        case "vanish":
            made.ordered.append({"kind": "vanish", "operation": dice.choice(LISTS), **often})
        case "not-signed-up":
            code = dice.choice(["OptInRequired", "SubscriptionRequired"])
            made.ordered.append(
                {"kind": "refuse", "service": "iam", "operation": "*", "code": code}
            )
        case "late":
            made.ordered.append({"kind": "error", "operation": "*", "count": 400, "after": 10})
            made.lifted_after = 2
        case "delay":
            made.ordered.append(
                {"kind": "delay", "operation": operation, "seconds": 1.2, "count": 2}
            )
        case "killed" | "frozen" | "database" | "broker" | "emptied" | "cancelled" | "clock":
            _lose(made, kind, dice)
        case _:
            made.ordered.append({"kind": kind, "operation": operation, **often, **after})


def _lose(made: Scenario, kind: str, dice: random.Random) -> None:
    """Add what is lost beside AWS, or steps."""
    match kind:
        case "killed":
            made.killed_organization, made.killed_tasks = dice.choice(
                [(1, 0), (0, 2), (2, 3), (0, 9)]
            )
        case "frozen":
            made.frozen = dice.randint(1, 4)
        case "emptied":
            made.emptied = dice.randint(1, 6)
        case "cancelled":
            made.cancelled_after = dice.randint(1, 4)
        case "database":
            made.database = dice.randint(1, 3)
        case "broker":
            made.broker = dice.randint(1, 4)
        case "clock":
            made.clock_seconds = dice.choice([-7200, -60, 90, 7200])
