"""Roots, organizational units and accounts: reading the tree and changing it."""

from demo.simulator.errors import AwsError, constraint
from demo.simulator.organizations import descriptions as describe
from demo.simulator.organizations.limits import ORGANIZATIONAL_UNIT_DEPTH, ORGANIZATIONAL_UNITS
from demo.simulator.organizations.request import Members, Operation, Request
from demo.simulator.organizations.state import Account, AccountRequest, Unit
from demo.simulator.organizations.tags import checked_tags


def describe_organization(request: Request) -> Members:
    return {"Organization": describe.describe_organization(request.organization)}


def list_roots(request: Request) -> Members:
    organization = request.organization
    return describe.page(
        request.operation,
        request.given,
        "Roots",
        [organization],
        describe.describe_root,
    )


def list_accounts(request: Request) -> Members:
    return _accounts(request, list(request.organization.accounts))


def list_accounts_for_parent(request: Request) -> Members:
    organization = request.organization
    parent = describe.find_parent(organization, request.given["ParentId"])
    return _accounts(request, list(organization.child_accounts.get(parent.unit_id, ())))


def _accounts(request: Request, account_ids: list[str]) -> Members:
    organization = request.organization
    return describe.page(
        request.operation,
        request.given,
        "Accounts",
        account_ids,
        lambda each: describe.describe_account(organization, organization.accounts[each]),
    )


def list_units_for_parent(request: Request) -> Members:
    organization = request.organization
    parent = describe.find_parent(organization, request.given["ParentId"])
    return describe.page(
        request.operation,
        request.given,
        "OrganizationalUnits",
        list(organization.child_units.get(parent.unit_id, ())),
        lambda each: describe.describe_unit(organization, organization.units[each]),
    )


def list_children(request: Request) -> Members:
    organization, kind = request.organization, request.given["ChildType"]
    parent = describe.find_parent(organization, request.given["ParentId"])
    index = organization.child_accounts if kind == "ACCOUNT" else organization.child_units
    return describe.page(
        request.operation,
        request.given,
        "Children",
        list(index.get(parent.unit_id, ())),
        lambda each: {"Id": each, "Type": kind},
    )


def list_parents(request: Request) -> Members:
    organization, child_id = request.organization, request.given["ChildId"]
    if child_id in organization.accounts:
        parent_id = organization.accounts[child_id].parent_id
    elif child_id in organization.units and organization.units[child_id].parent_id:
        parent_id = organization.units[child_id].parent_id
    else:
        raise AwsError("ChildNotFoundException", "You specified a child that doesn't exist.")
    kind = "ROOT" if parent_id == organization.root_id else "ORGANIZATIONAL_UNIT"
    return {"Parents": [{"Id": parent_id, "Type": kind}]}


def describe_account(request: Request) -> Members:
    account = describe.find_account(request.organization, request.given["AccountId"])
    return {"Account": describe.describe_account(request.organization, account)}


def describe_unit(request: Request) -> Members:
    unit = describe.find_unit(request.organization, request.given["OrganizationalUnitId"])
    return {"OrganizationalUnit": describe.describe_unit(request.organization, unit)}


def create_unit(request: Request) -> Members:
    organization, name = request.organization, request.given["Name"]
    parent = describe.find_parent(organization, request.given["ParentId"])
    tags = checked_tags(request.given.get("Tags", []), {})
    if len(organization.units) > ORGANIZATIONAL_UNITS:
        raise constraint("OU_NUMBER_LIMIT_EXCEEDED", "You have reached the limit of OUs.")
    if len(organization.ancestors(parent.unit_id)) > ORGANIZATIONAL_UNIT_DEPTH:
        raise constraint(
            "OU_DEPTH_LIMIT_EXCEEDED",
            "You attempted to create an OU tree that is too many levels deep.",
        )
    _check_unit_name(request, parent.unit_id, name)
    unit_id = organization.new_id(f"ou-{organization.root_id.removeprefix('r-')}-", 8, name)
    unit = Unit(unit_id, name, parent.unit_id, tags)
    organization.add_unit(unit)
    return {"OrganizationalUnit": describe.describe_unit(organization, unit)}


def update_unit(request: Request) -> Members:
    unit = describe.find_unit(request.organization, request.given["OrganizationalUnitId"])
    name = request.given.get("Name", unit.name)
    if name != unit.name:
        _check_unit_name(request, unit.parent_id, name)
        unit.name = name
    return {"OrganizationalUnit": describe.describe_unit(request.organization, unit)}


def delete_unit(request: Request) -> Members:
    organization = request.organization
    unit = describe.find_unit(organization, request.given["OrganizationalUnitId"])
    if organization.child_units.get(unit.unit_id) or organization.child_accounts.get(unit.unit_id):
        raise AwsError(
            "OrganizationalUnitNotEmptyException",
            "The specified OU is not empty. Move all accounts to another root or to other OUs, "
            "remove all child OUs, and try the operation again.",
        )
    organization.remove_target(unit.unit_id)
    return {}


def _check_unit_name(request: Request, parent_id: str, name: str) -> None:
    organization = request.organization
    siblings = organization.child_units.get(parent_id, ())
    if any(organization.units[each].name == name for each in siblings):
        raise AwsError(
            "DuplicateOrganizationalUnitException", "An OU with the same name already exists."
        )


def move_account(request: Request) -> Members:
    organization, given = request.organization, request.given
    account = describe.find_account(organization, given["AccountId"])
    source_id, destination_id = given["SourceParentId"], given["DestinationParentId"]
    if source_id not in organization.units or account.parent_id != source_id:
        raise AwsError(
            "SourceParentNotFoundException",
            "We can't find a source root or OU with the ParentId that you specified.",
        )
    if destination_id not in organization.units:
        raise AwsError(
            "DestinationParentNotFoundException",
            "We can't find the destination container (a root or OU) with the ParentId that you "
            "specified.",
        )
    if destination_id == source_id:
        raise AwsError(
            "DuplicateAccountException",
            "That account is already present in the specified destination.",
        )
    organization.move(account, destination_id)
    return {}


def create_account(request: Request) -> Members:
    organization, given = request.organization, request.given
    tags = checked_tags(given.get("Tags", []), {})
    account = Account(
        organization.new_account_id(given["AccountName"]),
        given["AccountName"],
        given["Email"],
        organization.root_id,
        request.at,
        tags=tags,
    )
    organization.add_account(account)
    request_id = organization.new_id("car-", 32, given["AccountName"])
    organization.account_requests[request_id] = AccountRequest(
        request_id, account.name, account.account_id, request.at
    )
    return {"CreateAccountStatus": _account_request(organization.account_requests[request_id])}


def describe_create_account_status(request: Request) -> Members:
    found = request.organization.account_requests.get(request.given["CreateAccountRequestId"])
    if found is None:
        raise AwsError(
            "CreateAccountStatusNotFoundException",
            "We can't find a create account request with the CreateAccountRequestId that you "
            "specified.",
        )
    return {"CreateAccountStatus": _account_request(found)}


def list_create_account_status(request: Request) -> Members:
    states = request.given.get("States") or ["SUCCEEDED"]
    found = list(request.organization.account_requests.values())
    return describe.page(
        request.operation,
        request.given,
        "CreateAccountStatuses",
        found if "SUCCEEDED" in states else [],
        _account_request,
    )


def _account_request(found: AccountRequest) -> Members:
    return {
        "Id": found.request_id,
        "AccountName": found.account_name,
        "State": "SUCCEEDED",
        "RequestedTimestamp": found.requested_at,
        "CompletedTimestamp": found.requested_at,
        "AccountId": found.account_id,
    }


def close_account(request: Request) -> Members:
    account = describe.find_account(request.organization, request.given["AccountId"])
    if account.account_id == request.organization.management_account_id:
        raise constraint(
            "CANNOT_CLOSE_MANAGEMENT_ACCOUNT",
            "You attempted to close the management account.",
        )
    if account.state != "ACTIVE":
        raise AwsError(
            "AccountAlreadyClosedException",
            "You attempted to close an account that is already closed.",
        )
    account.state = "PENDING_CLOSURE"
    return {}


def remove_account(request: Request) -> Members:
    account = describe.find_account(request.organization, request.given["AccountId"])
    return _leave(request, account)


def leave_organization(request: Request) -> Members:
    account = describe.find_account(request.organization, request.caller.account_id)
    return _leave(request, account)


def _leave(request: Request, account: Account) -> Members:
    organization = request.organization
    if account.account_id == organization.management_account_id:
        raise constraint(
            "ACCOUNT_CANNOT_LEAVE_ORGANIZATION",
            "You attempted to remove the management account from the organization.",
        )
    if account.account_id in organization.delegated:
        raise constraint(
            "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
            "You attempted to remove an account that is registered as a delegated administrator.",
        )
    organization.remove_target(account.account_id)
    return {}


def list_handshakes(request: Request) -> Members:
    return {"Handshakes": []}


OPERATIONS: dict[str, Operation] = {
    "DescribeOrganization": describe_organization,
    "ListRoots": list_roots,
    "ListAccounts": list_accounts,
    "ListAccountsForParent": list_accounts_for_parent,
    "ListOrganizationalUnitsForParent": list_units_for_parent,
    "ListChildren": list_children,
    "ListParents": list_parents,
    "DescribeAccount": describe_account,
    "DescribeOrganizationalUnit": describe_unit,
    "CreateOrganizationalUnit": create_unit,
    "UpdateOrganizationalUnit": update_unit,
    "DeleteOrganizationalUnit": delete_unit,
    "MoveAccount": move_account,
    "CreateAccount": create_account,
    "DescribeCreateAccountStatus": describe_create_account_status,
    "ListCreateAccountStatus": list_create_account_status,
    "CloseAccount": close_account,
    "RemoveAccountFromOrganization": remove_account,
    "LeaveOrganization": leave_organization,
    "ListHandshakesForAccount": list_handshakes,
    "ListHandshakesForOrganization": list_handshakes,
}
