"""What AWS decides by itself, written a second time: by request, as plain conditions."""

from __future__ import annotations

import re

PROTECTED = {
    "attachrolepolicy", "deleterole", "deleterolepermissionsboundary", "deleterolepolicy",
    "detachrolepolicy", "putrolepermissionsboundary", "putrolepolicy", "updateassumerolepolicy",
}  # fmt: skip
POLICY_CHANGES = {
    "createpolicyversion", "deletepolicy", "deletepolicyversion", "setdefaultpolicyversion",
    "tagpolicy", "untagpolicy",
}  # fmt: skip
KEY_CHANGES = {
    "createalias", "disablekey", "disablekeyrotation", "enablekey", "enablekeyrotation",
    "putkeypolicy", "rotatekeyondemand", "schedulekeydeletion", "tagresource", "untagresource",
    "updatealias", "updatekeydescription",
}  # fmt: skip


def needs_no_permission(action: str, kind: str) -> bool:
    """`kind`: of the caller, as the evaluator names it."""
    if action == "sts:getcalleridentity":
        return kind != "anonymous"
    return action == "sts:getsessiontoken" and kind in ("user", "root")


def never_permitted(  # noqa: C901  one line a rule
    action: str, arn: str, kind: str, service_linked: bool, aliases: list[str]
) -> bool:
    """Whether AWS refuses, whatever policies say."""
    service, _, name = action.partition(":")
    if action in ("sts:getsessiontoken", "sts:getfederationtoken"):
        return kind in ("role", "session", "federated")
    if action in ("sts:assumerole", "sts:assumeroot"):
        return kind in ("root", "federated")
    if kind == "service" or service_linked:
        return False

    def is_arn(expression: str) -> bool:
        return re.fullmatch(f"arn:aws[a-z-]*:{service}:{expression}", arn) is not None

    match service:
        case "iam":
            protected = is_arn(r":\d{12}:role/(aws-service-role|aws-reserved)/.*")
            described = is_arn(r":\d{12}:role/aws-reserved/.*")
            managed = is_arn(r":aws:policy/.*")
            return (
                (name in PROTECTED and protected)
                or (name in {"updaterole", "updateroledescription"} and described)
                or (name in POLICY_CHANGES and managed)
            )
        case "kms":
            of_alias = name in ("createalias", "deletealias", "updatealias")
            of_key = any(alias.startswith("alias/aws/") for alias in aliases)
            return (of_alias and is_arn(r"[^:]*:[^:]*:alias/aws/.*")) or (
                name in KEY_CHANGES and of_key and is_arn(r"[^:]*:[^:]*:key/.*")
            )
        case "organizations":
            own = ":aws:policy/resource_control_policy/p-RCPFullAWSAccess"
            if name == "detachpolicy":
                return is_arn(own)
            return name in ("deletepolicy", "updatepolicy") and is_arn(":aws:policy/.*")
        case "events":
            return name == "deleteeventbus" and is_arn(r"[^:]*:[^:]*:event-bus/default")
        case "athena":
            return name == "deleteworkgroup" and is_arn(r"[^:]*:[^:]*:workgroup/primary")
        case "rds":
            deletes = re.fullmatch("deletedb(cluster)?parametergroup|deleteoptiongroup", name)
            default = r"[^:]*:[^:]*:((cluster-)?pg:default\..*|og:default:.*)"
            return deletes is not None and is_arn(default)
        case "elasticache":
            default = r"[^:]*:[^:]*:parametergroup:default\..*"
            return name == "deletecacheparametergroup" and is_arn(default)
        case "ssm":
            return name == "putparameter" and is_arn(r"[^:]*:[^:]*:parameter/(aws|ssm)/.*")
    return False


def own_policy_binds(action: str, kind: str, same_account: bool) -> bool:
    """Whether a resource's own policy counts: not against the owner's root user who mends it."""
    if kind != "root" or not same_account:
        return True
    mends = r"s3(express|-outposts)?:(get|put|delete)bucketpolicy|sqs:setqueueattributes"
    return re.fullmatch(mends, action) is None
