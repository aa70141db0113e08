"""From botocore's exceptions to errors that say what failed and what to do."""

import re
from dataclasses import dataclass
from enum import Enum, auto

from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    ReadTimeoutError,
)
from botocore.exceptions import (
    ConnectionError as NoConnectionError,
)
from botocore.parsers import ResponseParserError

from inventory.aws.error_codes import (
    CLOCK,
    CREDENTIALS,
    DENIED,
    NOT_FOUND,
    NOT_SUBSCRIBED,
    NOT_THERE,
    REGION_DISABLED,
    SESSION_ENDED,
    THROTTLED,
    TRANSIENT,
    UNKNOWN_VALUE,
    UNSUPPORTED,
)
from inventory.aws.errors import (
    AwsCredentialsRefused,
    AwsError,
    AwsMalformed,
    AwsNotFound,
    AwsReadDenied,
    AwsReadFailed,
    AwsRoleNotAssumed,
    AwsSessionEnded,
    AwsThrottled,
    AwsTimedOut,
    AwsUnsupported,
)

_DENYING_POLICY = re.compile(
    r"with an explicit deny in an? ([a-z -]+?policy|[a-z ]*boundary)(?:: (\S+))?"
)
_ROLE_ARN = re.compile(r"^arn:[\w-]+:iam::(\d{12}):role/(.+)$")


class Modeled(Enum):
    """What a service's model says of an error that passes by itself."""

    THROTTLED = auto()
    TRANSIENT = auto()


@dataclass(frozen=True, slots=True)
class AssumedRole:
    """The role that reads. `template`: the file that deploys it, relative to the repository.

    `note`: what to know about deploying it in this account, empty if nothing.
    """

    arn: str
    template: str
    note: str = ""

    @property
    def account_id(self) -> str:
        """The account the role is in."""
        found = _ROLE_ARN.match(self.arn)
        return found.group(1) if found else ""

    @property
    def name(self) -> str:
        """The role's name with its path."""
        found = _ROLE_ARN.match(self.arn)
        return found.group(2) if found else self.arn

    def __str__(self) -> str:
        return f"the role {self.name} of account {self.account_id}"


def explain(
    error: Exception,
    *,
    operation: str,
    role: AssumedRole | None,
    modeled: Modeled | None = None,
    offered: bool = True,
) -> AwsError:
    """Return the error in words. `role`: the one that called; None: the worker itself.

    `modeled`: what the service's model says of the error, where it does. `offered`: False where
    botocore's data say that the service is not offered in the region: what cannot be reached there
    is then no fault.
    """
    if isinstance(error, EndpointConnectionError) and not offered:
        return AwsUnsupported(
            f"AWS does not offer this here: {operation}: {error}",
            operation=operation,
            code=type(error).__name__,
        )
    if isinstance(error, ClientError):
        return _explain_answer(error, operation, role, modeled)
    name = type(error).__name__
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return AwsCredentialsRefused(
            f"the worker has no AWS credentials for {operation}: {error}",
            operation=operation,
            code=name,
            remedy="give the worker an instance profile, a task role or a profile of its own",
        )
    if isinstance(error, ConnectTimeoutError | ReadTimeoutError):
        return AwsTimedOut(
            f"{operation} was not answered in time: {error}",
            operation=operation,
            code=name,
            remedy="check the way from the worker to AWS; the next run tries again",
            transient=True,
        )
    if isinstance(error, ResponseParserError):
        return AwsMalformed(
            f"the answer to {operation} is not in AWS's form: {error}",
            operation=operation,
            code=name,
            remedy="check whether a proxy or another endpoint answers in AWS's place",
            # Cut on the way, or a page of some proxy; what is nested too deep stays so.
            transient=not isinstance(error.__cause__, RecursionError),
        )
    return AwsReadFailed(
        f"{operation} failed: {error}",
        operation=operation,
        code=name,
        remedy="check the way from the worker to AWS; the next run tries again",
        transient=isinstance(error, HTTPClientError | NoConnectionError),
    )


def _explain_answer(
    error: ClientError, operation: str, role: AssumedRole | None, modeled: Modeled | None
) -> AwsError:
    details = error.response.get("Error", {})
    code, text = str(details.get("Code", "")), str(details.get("Message", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    reason = str(error.response.get("Reason", ""))
    if code in DENIED:
        return _denied(operation, code, text, role)
    if code in THROTTLED or status in {429, 509} or modeled is Modeled.THROTTLED:
        return AwsThrottled(
            f"AWS asked to slow down {operation}: {text or code}",
            operation=operation,
            code=code,
            remedy="the next run tries again; see what else calls this account at the same time",
            transient=True,
        )
    known = _with_remedy(operation, code, text, role)
    if known is not None:
        return known
    if code in CREDENTIALS or code in SESSION_ENDED:
        return _credentials(operation, code, text, role)
    if code in NOT_FOUND or NOT_THERE.get(operation) == code:
        return AwsNotFound(f"{operation}: {text or code}", operation=operation, code=code)
    if code in UNSUPPORTED or reason in UNKNOWN_VALUE:
        return AwsUnsupported(
            f"AWS does not offer this: {operation}: {text or reason or code}",
            operation=operation,
            code=code,
        )
    if code == "AWSOrganizationsNotInUseException":
        return AwsReadFailed(
            f"account {role.account_id if role else ''} is in no organization",
            operation=operation,
            code=code,
            remedy="connect the role of an organization's management account",
        )
    return AwsReadFailed(
        f"{operation} failed with {code or status}: {text or 'no message'}",
        operation=operation,
        code=code or str(status),
        remedy="the next run tries again" if status >= 500 else "",
        transient=(
            code in TRANSIENT or status in {500, 502, 503, 504} or modeled is Modeled.TRANSIENT
        ),
    )


def _with_remedy(operation: str, code: str, text: str, role: AssumedRole | None) -> AwsError | None:
    """Return the error for codes that have one cause and one remedy; None: for others."""
    who = str(role) if role else "the worker"
    where = f"account {role.account_id}" if role else "the account"
    said = text or code
    if code in CLOCK:
        return AwsCredentialsRefused(
            f"AWS rejected {operation} of {who} as too old: {said}",
            operation=operation,
            code=code,
            remedy="set the worker's clock by NTP: AWS allows minutes of difference",
        )
    if code in REGION_DISABLED:
        return AwsReadDenied(
            f"the region is not enabled for {operation} of {who}: {said}",
            operation=operation,
            code=code,
            remedy=(
                f"enable the region in {where}, activate STS there, or choose another home region "
                "or other regions for the connection"
            ),
        )
    if code in NOT_SUBSCRIBED:
        return AwsReadDenied(
            f"AWS refuses {operation} because {where} is not signed up for it: {said}",
            operation=operation,
            code=code,
            remedy=f"complete the sign-up of {where}, or enable the service or the region there",
        )
    if code == "PackedPolicyTooLarge":
        return AwsReadDenied(
            f"the session policy and tags for {operation} are too large together: {said}",
            operation=operation,
            code=code,
            remedy=(
                "pass fewer transitive session tags to the worker's own session; if it has none, "
                "report this"
            ),
        )
    return None


def _denied(operation: str, code: str, text: str, role: AssumedRole | None) -> AwsReadDenied:
    who = str(role) if role else "the worker"
    message = f"{who} may not {operation}: {text or code}"
    denying = _DENYING_POLICY.search(text)
    if denying:
        where = f" {denying.group(2)}" if denying.group(2) else ""
        remedy = f"AWS names a {denying.group(1)}{where} that denies it: exempt the role there"
    elif "no service control policy allows" in text:
        remedy = f"no service control policy allows {operation} in this account: allow it there"
    elif "no permissions boundary allows" in text:
        remedy = f"the role's permissions boundary does not allow {operation}: widen or remove it"
    elif role is not None:
        remedy = f"allow {operation} in the role: deploy {role.template} again"
    else:
        remedy = f"allow {operation} to the worker's own role"
    return AwsReadDenied(message, operation=operation, code=code, remedy=remedy)


def _credentials(
    operation: str, code: str, text: str, role: AssumedRole | None
) -> AwsCredentialsRefused:
    if role is not None:
        kind = AwsSessionEnded if code in SESSION_ENDED else AwsCredentialsRefused
        return kind(
            f"AWS did not accept the session of {role} for {operation}: {text or code}",
            operation=operation,
            code=code,
            remedy="the session has ended or the worker's clock is wrong; start the run again",
        )
    return AwsCredentialsRefused(
        f"AWS did not accept the worker's own credentials for {operation}: {text or code}",
        operation=operation,
        code=code,
        remedy="give the worker valid credentials, and check its clock",
    )


def explain_assume_role(error: AwsError, *, role: AssumedRole, external_id: str) -> AwsError:
    """Say why a role was not assumed, as far as AWS tells.

    STS answers AccessDenied alike for a role that is missing, one that does not trust the caller
    and one that asks for another ExternalId; newer answers name the kind of policy that lacks the
    allow.
    """
    if not isinstance(error, AwsReadDenied) or isinstance(error, AwsCredentialsRefused):
        return error
    text = error.message
    deploy = f"deploy {role.template} in account {role.account_id}"
    denying = _DENYING_POLICY.search(text)
    if denying:
        where = f" {denying.group(2)}" if denying.group(2) else ""
        message = f"a {denying.group(1)}{where} denies assuming {role}"
        remedy = "exempt the worker's principal and this role there"
    elif "no identity-based policy allows" in text:
        message = f"the worker's own role may not assume {role}"
        remedy = f"allow sts:AssumeRole and sts:SetSourceIdentity on {role.arn} to the worker"
    elif "sts:SetSourceIdentity" in text:
        message = f"{role} does not let the worker set a source identity"
        remedy = f"add sts:SetSourceIdentity to its trust policy: {deploy} again"
    elif "no resource-based policy allows" in text:
        message = (
            f"the trust policy of {role} does not let the worker in with this ExternalId, or the "
            "role does not exist"
        )
        remedy = f"{deploy} with the connection's ExternalId and the worker's ARN"
    else:
        given = "the connection's ExternalId" if external_id else "no ExternalId"
        message = (
            f"the role {role.name} does not exist in account {role.account_id}, or does not trust "
            f"the worker with {given}"
        )
        remedy = f"{deploy}, or correct the ExternalId and the trusted ARN there"
        if role.note:
            remedy += f"; {role.note}"
    return AwsRoleNotAssumed(message, operation="sts:AssumeRole", code=error.code, remedy=remedy)
