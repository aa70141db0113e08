"""IAM of one account: users, groups, roles, and the managed policies in use."""

from collections.abc import Iterator

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.aws.documents import decoded_document
from inventory.collectors.collector import Action, Collector, Scope, Slice, alone
from inventory.records import IamPolicyRecord, PrincipalActivityRecord, PrincipalRecord, Tags

# AWS's most; it may give fewer and name a next page.
_PAGE_SIZE = 1000


def collect_authorization_details(
    iam: AwsClient,
) -> Iterator[PrincipalRecord | IamPolicyRecord | PrincipalActivityRecord]:
    """Yield every principal and every managed policy of the account that is its own or attached.

    AWS: iam:GetAccountAuthorizationDetails. Its policy texts are URL-encoded (RFC 3986).
    """
    for page in iam.pages("get_account_authorization_details", MaxItems=_PAGE_SIZE):
        for user in page["UserDetailList"]:
            yield _user(user)
        for group in page["GroupDetailList"]:
            yield _group(group)
        for role in page["RoleDetailList"]:
            yield _role(role)
            yield _use_of_role(role)
        for policy in page["Policies"]:
            yield _policy(policy)


def _user(user: AwsAnswer) -> PrincipalRecord:
    return PrincipalRecord(
        kind="user",
        arn=user["Arn"],
        name=user["UserName"],
        path=user["Path"],
        unique_id=user["UserId"],
        created_at=user["CreateDate"],
        trust_policy=None,
        boundary_arn=_boundary(user),
        attached_policy_arns=_attached(user),
        inline_policies=_inline(user, "UserPolicyList"),
        groups=tuple(sorted(user.get("GroupList", []))),
        tags=_tags(user),
    )


def _group(group: AwsAnswer) -> PrincipalRecord:
    return PrincipalRecord(
        kind="group",
        arn=group["Arn"],
        name=group["GroupName"],
        path=group["Path"],
        unique_id=group["GroupId"],
        created_at=group["CreateDate"],
        trust_policy=None,
        boundary_arn="",
        attached_policy_arns=_attached(group),
        inline_policies=_inline(group, "GroupPolicyList"),
    )


def _role(role: AwsAnswer) -> PrincipalRecord:
    return PrincipalRecord(
        kind="role",
        arn=role["Arn"],
        name=role["RoleName"],
        path=role["Path"],
        unique_id=role["RoleId"],
        created_at=role["CreateDate"],
        trust_policy=decoded_document(role["AssumeRolePolicyDocument"]),
        boundary_arn=_boundary(role),
        attached_policy_arns=_attached(role),
        inline_policies=_inline(role, "RolePolicyList"),
        instance_profile_arns=tuple(
            sorted(profile["Arn"] for profile in role.get("InstanceProfileList", []))
        ),
        tags=_tags(role),
    )


def _use_of_role(role: AwsAnswer) -> PrincipalActivityRecord:
    # Absent or empty: not used in the 400 days that AWS keeps.
    used = role.get("RoleLastUsed") or {}
    return PrincipalActivityRecord(
        arn=role["Arn"],
        last_used_at=used.get("LastUsedDate"),
        last_used_region=used.get("Region", ""),
    )


def _policy(policy: AwsAnswer) -> IamPolicyRecord:
    versions = [each for each in policy["PolicyVersionList"] if each["IsDefaultVersion"]]
    if len(versions) != 1:
        raise policy.malformed(
            "PolicyVersionList", f"of {policy['Arn']} has {len(versions)} default versions, not 1"
        )
    arn: str = policy["Arn"]
    return IamPolicyRecord(
        arn=arn,
        name=policy["PolicyName"],
        path=policy["Path"],
        unique_id=policy["PolicyId"],
        aws_managed=arn.split(":")[4] == "aws",
        default_version_id=policy["DefaultVersionId"],
        content=decoded_document(versions[0]["Document"]),
    )


def _boundary(principal: AwsAnswer) -> str:
    boundary = principal.get("PermissionsBoundary")
    return str(boundary["PermissionsBoundaryArn"]) if boundary else ""


def _attached(principal: AwsAnswer) -> tuple[str, ...]:
    return tuple(sorted(each["PolicyArn"] for each in principal["AttachedManagedPolicies"]))


def _inline(principal: AwsAnswer, key: str) -> dict[str, str]:
    # Left out by AWS where a principal has none.
    return {
        each["PolicyName"]: decoded_document(each["PolicyDocument"])
        for each in principal.get(key, [])
    }


def _tags(principal: AwsAnswer) -> Tags:
    return {tag["Key"]: tag["Value"] for tag in principal.get("Tags", [])}


COLLECTORS = (
    Collector(
        name="iam.authorization_details",
        label="IAM principals and policies",
        scope=Scope.GLOBAL,
        service="iam",
        actions=(
            Action(
                "iam:GetAccountAuthorizationDetails",
                "users, groups, roles and their policies, boundaries, last use of roles",
                given={"MaxItems": 1},
            ),
        ),
        read=alone(collect_authorization_details),
        covers=(
            Slice(PrincipalRecord),
            Slice(IamPolicyRecord),
            Slice(PrincipalActivityRecord, {"kind": "role"}),
        ),
    ),
)
