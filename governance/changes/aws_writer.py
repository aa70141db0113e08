"""The only code that writes to AWS.

It acts as the apply role of a connection, which only the apply worker's own AWS identity may
assume (docs/roles/apply.yaml): the credentials of that worker's environment, or of the profile in
`ORGWARDEN_APPLY_PROFILE`. `governance.changes.rollout` alone imports it. Writes are never retried
here: whether a call may be made again is the journal's to say.
"""

import random
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, Final, Protocol

import botocore.session
from botocore import xform_name
from botocore.client import BaseClient
from botocore.config import Config
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
)
from botocore.parsers import ResponseParserError
from django.conf import settings

from governance.changes.planning.steps import AwsCall
from inventory.aws.endpoints import check_endpoint
from inventory.aws.errors import EndpointRefused
from inventory.aws.explain import AssumedRole
from inventory.aws.pace import Pace, Rate
from inventory.aws.session import RoleRequest, session_policy
from inventory.collecting.sessions import APPLY_TEMPLATE
from inventory.models import Connection

SESSION_SECONDS: Final = 3600
# A session that is about to end begins no call.
_SESSION_MARGIN: Final = timedelta(minutes=2)
_READ_ATTEMPTS: Final = 8
_LONGEST_WAIT_SECONDS: Final = 20.0
_SYSTEM_RANDOM: Final = random.SystemRandom()

READS: Final = (
    "organizations:DescribeOrganizationalUnit",
    "organizations:DescribePolicy",
    "organizations:ListAccountsForParent",
    "organizations:ListOrganizationalUnitsForParent",
    "organizations:ListParents",
    "organizations:ListPolicies",
    "organizations:ListPoliciesForTarget",
    "organizations:ListRoots",
    "organizations:ListTagsForResource",
    "organizations:ListTargetsForPolicy",
)
"""What a rollout reads before and after its writes, as IAM actions."""

WRITES: Final = tuple(sorted(f"organizations:{call}" for call in AwsCall))
"""What a plan may be made of, as IAM actions."""


class RefusalKind(StrEnum):
    """What an error means for the call that it answers.

    PASSES: nothing was done, and the same call may succeed later. ALREADY: what the call asks for
    is so. LOST: nobody knows whether it was done. REFUSED: nothing was done, and asking again
    changes nothing.
    """

    PASSES = "passes"
    ALREADY = "already"
    LOST = "lost"
    REFUSED = "refused"


_PASSES: Final = frozenset(
    {
        "ConcurrentModificationException",
        "PolicyChangesInProgressException",
        "RequestLimitExceeded",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_ALREADY: Final[Mapping[AwsCall, frozenset[str]]] = {
    AwsCall.ATTACH_POLICY: frozenset({"DuplicatePolicyAttachmentException"}),
    AwsCall.DETACH_POLICY: frozenset({"PolicyNotAttachedException"}),
    AwsCall.DELETE_POLICY: frozenset({"PolicyNotFoundException"}),
    AwsCall.MOVE_ACCOUNT: frozenset({"DuplicateAccountException"}),
    AwsCall.ENABLE_POLICY_TYPE: frozenset({"PolicyTypeAlreadyEnabledException"}),
    AwsCall.DISABLE_POLICY_TYPE: frozenset({"PolicyTypeNotEnabledException"}),
    AwsCall.DELETE_ORGANIZATIONAL_UNIT: frozenset({"OrganizationalUnitNotFoundException"}),
}
_NOT_FOUND: Final = frozenset(
    {
        "AccountNotFoundException",
        "ChildNotFoundException",
        "OrganizationalUnitNotFoundException",
        "ParentNotFoundException",
        "PolicyNotFoundException",
        "PolicyTypeNotEnabledException",
        "TargetNotFoundException",
    }
)


class AwsWriteError(Exception):
    """A call that AWS did not answer with success.

    `code`: AWS's error code, or the name of the network's error. `reason`: of a
    ConstraintViolationException or InvalidInputException. `request_id`: AWS's, empty if none came.
    """

    def __init__(
        self,
        kind: RefusalKind,
        code: str,
        message: str,
        *,
        reason: str = "",
        request_id: str = "",
    ) -> None:
        """Keep what AWS said."""
        super().__init__(f"{code}: {message}" + (f" ({reason})" if reason else ""))
        self.kind = kind
        self.code = code
        self.reason = reason
        self.request_id = request_id

    @property
    def not_found(self) -> bool:
        """Whether the thing that was asked for is not there."""
        return self.code in _NOT_FOUND


class ApplyRoleRefused(Exception):
    """The apply role was not assumed; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class AwsReply:
    """What AWS answered. `members`: by AWS's names."""

    members: Mapping[str, Any]
    request_id: str


class OrganizationsApi(Protocol):
    """AWS Organizations as a rollout calls it."""

    def write(self, call: AwsCall, parameters: Mapping[str, Any]) -> AwsReply:
        """Make one call, once.

        :raises AwsWriteError: AWS refused, or its answer was lost.
        """
        ...

    def read(self, operation: str, **parameters: Any) -> Mapping[str, Any]:
        """Return the answer to an operation, by AWS's name, that lists or describes.

        :raises AwsWriteError: AWS refused, or did not answer for long.
        """
        ...

    def read_all(self, operation: str, member: str, **parameters: Any) -> list[Any]:
        """Return the member of all pages together.

        :raises AwsWriteError: see `read`.
        """
        ...


def refusal(error: Exception, call: AwsCall | None = None) -> AwsWriteError:
    """Return what an error of botocore's means. `call`: the write that it answers."""
    if isinstance(error, ClientError):
        details: Mapping[str, Any] = error.response.get("Error", {})
        metadata: Mapping[str, Any] = error.response.get("ResponseMetadata", {})
        code = str(details.get("Code", ""))
        status = int(metadata.get("HTTPStatusCode", 0))
        return AwsWriteError(
            refusal_kind(code, status, call),
            code or str(status),
            str(details.get("Message", "")) or "no message",
            reason=str(error.response.get("Reason", "")),
            request_id=str(metadata.get("RequestId", "")),
        )
    never_sent = isinstance(error, NoCredentialsError | PartialCredentialsError)
    never_sent = never_sent or isinstance(error, ParamValidationError)
    kind = RefusalKind.REFUSED if never_sent else RefusalKind.LOST
    return AwsWriteError(kind, type(error).__name__, str(error))


def refusal_kind(code: str, status: int, call: AwsCall | None = None) -> RefusalKind:
    """Return what an error code of AWS's means. `status`: of HTTP."""
    if code in _PASSES or status == 429:
        return RefusalKind.PASSES
    if call is not None and code in _ALREADY.get(call, ()):
        return RefusalKind.ALREADY
    # AWS's own fault: the call may have been done all the same.
    return RefusalKind.LOST if status >= 500 else RefusalKind.REFUSED


class AwsWriter:
    """Organizations, in the name of a connection's apply role."""

    def __init__(
        self,
        connection: Connection,
        *,
        calls: Iterable[AwsCall],
        session_name: str,
        identity: ReadOnlyCredentials | None = None,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; nothing is called before `open`.

        The session may make `calls` and read, of what the role may. `identity`: who assumes the
        role; None: the process's own credentials.
        """
        self._connection = connection
        self._identity = identity
        self._sleep = sleep
        self._session_name = session_name
        self._policy = session_policy((*READS, *(f"organizations:{call}" for call in calls)))
        self._pace = Pace(
            rates={name: Rate(*rate) for name, rate in settings.AWS_ORGANIZATIONS_RATES.items()},
            otherwise=Rate(*settings.AWS_ORGANIZATIONS_RATE),
            monotonic=monotonic,
            sleep=sleep,
        )
        self._client: BaseClient | None = None
        self._until = datetime.min.replace(tzinfo=UTC)

    def open(self) -> None:
        """Assume the apply role, unless its session lasts for some minutes yet.

        AWS: sts:AssumeRole.
        :raises ApplyRoleRefused: there is none, or it does not let this process in.
        """
        if self._client is not None and datetime.now(UTC) < self._until - _SESSION_MARGIN:
            return
        connection = self._connection
        if not connection.apply_role_arn:
            raise ApplyRoleRefused(
                f"the connection {connection.name} has no apply role: deploy {APPLY_TEMPLATE} and "
                "give its ARN in the connection's settings"
            )
        try:
            check_endpoint(connection.endpoint_url)
        except EndpointRefused as error:
            raise ApplyRoleRefused(f"{error.message}: {error.remedy}") from error
        request = RoleRequest(
            role=AssumedRole(connection.apply_role_arn, APPLY_TEMPLATE),
            external_id=connection.external_id,
            session_name=self._session_name,
            duration_seconds=SESSION_SECONDS,
            policy=self._policy,
        )
        try:
            sts = _client(
                "sts", connection.home_region, connection.endpoint_url, identity=self._identity
            )
            given = sts.assume_role(**request.parameters())["Credentials"]  # type: ignore[attr-defined]
        except (ClientError, BotoCoreError, ResponseParserError) as error:
            raise ApplyRoleRefused(
                f"{request.role} was not assumed: {error}; give this worker the AWS identity that "
                f"{APPLY_TEMPLATE} trusts, and check the connection's ExternalId"
            ) from error
        self._client = _client(
            "organizations",
            connection.home_region,
            connection.endpoint_url,
            identity=ReadOnlyCredentials(
                given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]
            ),
        )
        self._until = given["Expiration"]

    def write(self, call: AwsCall, parameters: Mapping[str, Any]) -> AwsReply:
        """Make one call, once.

        :raises AwsWriteError: AWS refused, or its answer was lost.
        :raises ApplyRoleRefused: see `open`.
        """
        try:
            return self._send(call, parameters)
        except (ClientError, BotoCoreError, ResponseParserError) as error:
            raise refusal(error, call) from error

    def read(self, operation: str, **parameters: Any) -> Mapping[str, Any]:
        """Return the answer to an operation that lists or describes, after some attempts.

        :raises AwsWriteError: AWS refused, or did not answer for long.
        :raises ApplyRoleRefused: see `open`.
        """
        for attempt in range(1, _READ_ATTEMPTS + 1):
            try:
                return self._send(operation, parameters).members
            except (ClientError, BotoCoreError, ResponseParserError) as error:
                failure = refusal(error)
                if failure.kind is RefusalKind.REFUSED or attempt == _READ_ATTEMPTS:
                    raise failure from error
                self._sleep(jittered(attempt))
        raise AssertionError("the last attempt returns or raises")

    def read_all(self, operation: str, member: str, **parameters: Any) -> list[Any]:
        """Return the member of all pages together.

        :raises AwsWriteError: see `read`.
        """
        found: list[Any] = []
        given = dict(parameters)
        while True:
            page = self.read(operation, **given)
            found += page[member]
            if not page.get("NextToken"):
                return found
            given["NextToken"] = page["NextToken"]

    def _send(self, operation: str, parameters: Mapping[str, Any]) -> AwsReply:
        self.open()
        name = f"organizations:{operation}"
        self._pace.wait(name)
        method = getattr(self._client, xform_name(operation))
        try:
            answer: dict[str, Any] = method(**parameters)
        except ClientError as error:
            if refusal(error).kind is RefusalKind.PASSES:
                self._pace.throttled(name)
            raise
        self._pace.succeeded(name)
        metadata = answer.pop("ResponseMetadata", {})
        return AwsReply(answer, str(metadata.get("RequestId", "")))


def jittered(attempt: int) -> float:
    """Return how many seconds to wait after an attempt, so that workers do not retry in step."""
    longest = min(_LONGEST_WAIT_SECONDS, 0.5 * 2 ** (attempt - 1))
    return _SYSTEM_RANDOM.uniform(longest / 4, longest)


@cache
def _session(profile: str) -> botocore.session.Session:
    """Return the process's session: a warm one makes a client in milliseconds."""
    return botocore.session.Session(profile=profile or None)


def _client(
    service: str, region: str, endpoint_url: str, *, identity: ReadOnlyCredentials | None
) -> BaseClient:
    config = Config(
        connect_timeout=settings.AWS_CONNECT_TIMEOUT_SECONDS,
        read_timeout=settings.AWS_READ_TIMEOUT_SECONDS,
        # A write that botocore repeats by itself would stand in no journal.
        retries={"total_max_attempts": 1, "mode": "standard"},
        user_agent_extra="orgwarden-apply",
    )
    try:
        session = _session(settings.APPLY_PROFILE)
    except ProfileNotFound as error:
        raise ApplyRoleRefused(f"ORGWARDEN_APPLY_PROFILE: {error}") from error
    own: dict[str, Any] = {}
    if identity is not None:
        own = {
            "aws_access_key_id": identity.access_key,
            "aws_secret_access_key": identity.secret_key,
            "aws_session_token": identity.token,
        }
    made: BaseClient = session.create_client(
        service, region_name=region, endpoint_url=endpoint_url or None, config=config, **own
    )
    return made
