"""The tree: root, organizational units and accounts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.aws.errors import AwsNotFound
from inventory.collectors.collector import Action, Collector, Scope, Slice, alone
from inventory.collectors.listed import inconsistent
from inventory.records import AccountRecord, OrganizationalUnitRecord, RootRecord


@dataclass(frozen=True, slots=True)
class _Parent:
    """A root or OU whose children are to be listed. `path` includes itself."""

    target_id: str
    path: str


def collect_units(
    organizations: AwsClient,
) -> Iterator[RootRecord | OrganizationalUnitRecord]:
    """Yield the root, then every OU below it; parents before their children.

    AWS: organizations:ListRoots, one ListOrganizationalUnitsForParent for each root and OU.
    :raises AwsInconsistent: an OU is listed and not found, even when its parent is listed again.
    """
    waiting: list[tuple[RootRecord | OrganizationalUnitRecord, str]] = []
    for root in organizations.paginate("list_roots", "Roots"):
        record = RootRecord(
            target_id=root["Id"],
            name=root["Name"],
            arn=root["Arn"],
            policy_types={each["Type"]: each["Status"] for each in root["PolicyTypes"]},
        )
        waiting.append((record, f"{record.target_id}/"))
    parents: dict[str, str] = {}
    contradicted: dict[str, AwsNotFound] = {}
    while waiting:
        unit, path = waiting.pop(0)
        try:
            children = _children(organizations, unit.target_id)
        except AwsNotFound as error:
            if _is_gone(organizations, unit.target_id, parents):
                continue
            try:
                children = _children(organizations, unit.target_id)
            except AwsNotFound:
                contradicted[unit.target_id] = error
                continue
        yield unit
        for child in children:
            child_path = f"{path}{child['Id']}/"
            record_of_child = OrganizationalUnitRecord(
                target_id=child["Id"],
                name=child["Name"],
                arn=child["Arn"],
                parent_id=unit.target_id,
                path=child_path,
            )
            parents[record_of_child.target_id] = unit.target_id
            waiting.append((record_of_child, child_path))
    if contradicted:
        raise inconsistent(contradicted)


def _children(organizations: AwsClient, parent_id: str) -> list[AwsAnswer]:
    return list(
        organizations.paginate(
            "list_organizational_units_for_parent", "OrganizationalUnits", ParentId=parent_id
        )
    )


def _is_gone(organizations: AwsClient, unit_id: str, parents: Mapping[str, str]) -> bool:
    """Whether an OU is missing where a second listing of its parent would name it.

    The root never goes. `parents`: OU → its parent's id.
    """
    parent_id = parents.get(unit_id)
    if parent_id is None:
        return False
    try:
        children = _children(organizations, parent_id)
    except AwsNotFound:
        return _is_gone(organizations, parent_id, parents)
    return all(child["Id"] != unit_id for child in children)


def collect_accounts(organizations: AwsClient) -> Iterator[AccountRecord]:
    """Yield every account of the organization, suspended and closed ones too.

    AWS: organizations:ListAccounts, whose Paths say where an account is. Where an account has
    none, ListAccountsForParent for each root and OU.
    :raises AwsMalformed: an account has no path and is below no root or OU.
    """
    without_path: list[AwsAnswer] = []
    for account in organizations.paginate("list_accounts", "Accounts"):
        if account.get("Paths"):
            yield _account(account, _parent_of(account))
        else:
            without_path.append(account)
    if not without_path:
        return
    parents = _parents_by_account(organizations)
    for account in without_path:
        parent = parents.get(account["Id"])
        if parent is None:
            raise account.malformed("Paths", f"is missing and {account['Id']} has no parent")
        yield _account(account, parent)


def _parent_of(account: AwsAnswer) -> _Parent:
    """Read `o-…/r-…/ou-…/` or `o-…/r-…/ou-…/123456789012/`."""
    steps = [step for step in account["Paths"][0].split("/") if step]
    if steps and steps[-1] == account["Id"]:
        steps.pop()
    if len(steps) < 2 or not steps[0].startswith("o-") or not steps[1].startswith("r-"):
        raise account.malformed("Paths", f"is {account['Paths'][0]!r}, not o-…/r-…/ou-…/")
    return _Parent(steps[-1], "".join(f"{step}/" for step in steps[1:]))


def _parents_by_account(organizations: AwsClient) -> dict[str, _Parent]:
    found: dict[str, _Parent] = {}
    for unit in collect_units(organizations):
        path = unit.path if isinstance(unit, OrganizationalUnitRecord) else f"{unit.target_id}/"
        parent = _Parent(unit.target_id, path)
        for account in organizations.paginate(
            "list_accounts_for_parent", "Accounts", ParentId=unit.target_id
        ):
            found[account["Id"]] = parent
    return found


def _account(account: AwsAnswer, parent: _Parent) -> AccountRecord:
    return AccountRecord(
        account_id=account["Id"],
        name=account["Name"],
        email=account["Email"],
        arn=account["Arn"],
        # State replaces Status; answers of older models have Status alone.
        state=account.get("State") or account["Status"],
        parent_id=parent.target_id,
        path=parent.path,
        joined_method=account["JoinedMethod"],
        joined_at=account.get("JoinedTimestamp"),
    )


_BELOW_ROOT = {"ParentId": "{root_id}", "MaxResults": 1}

COLLECTORS = (
    Collector(
        name="organizations.organizational_units",
        label="Root and OUs",
        scope=Scope.ORGANIZATION,
        service="organizations",
        actions=(
            Action("organizations:ListRoots", "the root and its enabled policy types"),
            Action(
                "organizations:ListOrganizationalUnitsForParent",
                "organizational units",
                given=_BELOW_ROOT,
            ),
        ),
        read=alone(collect_units),
        covers=(Slice(RootRecord), Slice(OrganizationalUnitRecord)),
        essential=True,
        paced=True,
    ),
    Collector(
        name="organizations.accounts",
        label="Accounts",
        scope=Scope.ORGANIZATION,
        service="organizations",
        actions=(
            Action("organizations:ListAccounts", "accounts"),
            Action(
                "organizations:ListAccountsForParent",
                "accounts, where AWS gives no paths",
                given=_BELOW_ROOT,
            ),
        ),
        read=alone(collect_accounts),
        covers=(Slice(AccountRecord),),
        essential=True,
        paced=True,
    ),
)
