"""Calls to AWS: retried, paced, counted, and paged."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.client import BaseClient
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError
from botocore.model import OperationModel
from botocore.parsers import ResponseParserError

from inventory.aws.errors import TIME_USED_UP, AwsError, AwsMalformed, AwsThrottled, AwsTimedOut
from inventory.aws.explain import AssumedRole, Modeled, explain, explain_assume_role
from inventory.aws.pace import Pace
from inventory.aws.paging import paging
from inventory.aws.replies import check_members
from inventory.aws.session import RoleRequest, acting_as, in_region, is_offered

# Where the prefix of IAM actions is not the name of the service's client.
_ACTION_PREFIXES: Final = {
    "resourcegroupstaggingapi": "tag",
    "s3control": "s3",
    "efs": "elasticfilesystem",
    "opensearch": "es",
    "accessanalyzer": "access-analyzer",
    "opensearchserverless": "aoss",
    "sesv2": "ses",
    "sso-admin": "sso",
}
# Where IAM names the action of an operation otherwise (service authorization reference).
_ACTIONS: Final = {
    ("s3", "ListBuckets"): "s3:ListAllMyBuckets",
    ("s3", "ListObjectsV2"): "s3:ListBucket",
    ("s3", "GetPublicAccessBlock"): "s3:GetBucketPublicAccessBlock",
    ("s3", "ListDirectoryBuckets"): "s3express:ListAllMyDirectoryBuckets",
    ("s3control", "GetPublicAccessBlock"): "s3:GetAccountPublicAccessBlock",
    ("apigateway", "GetRestApis"): "apigateway:GET",
}
# How the names of S3's directory buckets end, whose actions are not those of other buckets.
_DIRECTORY_BUCKET: Final = "--x-s3"
_NOTHING: Final[Mapping[str, Any]] = {}
# What botocore raises over an answer in a form that it does not foresee.
_NOT_PARSED: Final = (LookupError, TypeError, ValueError, AttributeError, RecursionError)
_SYSTEM_RANDOM: Final = random.SystemRandom()


class AwsAnswer(dict[str, Any]):
    """A structure that AWS returned. Indexing a member that is not there raises AwsMalformed.

    Structures within it become answers when they are looked at, by index or `get`: most never are.
    """

    __slots__ = ("_operation", "_place")

    def __init__(self, members: Mapping[str, Any], *, operation: str, place: str = "") -> None:
        """Take over `members`; `place` is the path to this structure, such as `Roots[]`."""
        super().__init__(members)
        self._operation = operation
        self._place = place

    def __getitem__(self, name: str) -> Any:
        """Return a member.

        :raises AwsMalformed: it is not there.
        """
        value = super().__getitem__(name)
        # Exactly these: answers that were looked at before are subclasses.
        if type(value) is dict or type(value) is list:
            value = self[name] = self._answer(value, self._place_of(name))
        return value

    def get(self, name: str, default: Any = None) -> Any:
        """Return a member, or `default` where AWS left it out."""
        return self[name] if name in self else default  # noqa: SIM401 - that would be `get` itself

    def _answer(self, value: Any, place: str) -> Any:
        if type(value) is dict:
            return AwsAnswer(value, operation=self._operation, place=place)
        if type(value) is list:
            return _Answers(self._answer(each, f"{place}[]") for each in value)
        return value

    def _place_of(self, name: str) -> str:
        return f"{self._place}.{name}" if self._place else name

    def __missing__(self, name: str) -> Any:
        """Name the member that AWS always gives and this answer lacks."""
        raise self.malformed(name, "is missing")

    def malformed(self, name: str, what: str) -> AwsMalformed:
        """Return the error that says what is wrong with the member `name`."""
        return AwsMalformed(
            f"the answer to {self._operation} is not as AWS documents it: "
            f"{self._place_of(name)} {what}",
            operation=self._operation,
            code="Malformed",
            remedy="check whether something else answers instead of AWS; otherwise report this",
        )


class _Answers(list[Any]):
    """A list in an answer, whose structures are answers."""


@dataclass(slots=True)
class CallLog:
    """Calls made, by operation, retries included; and how many of them AWS throttled."""

    calls: Counter[str] = field(default_factory=Counter)
    throttled: int = 0

    def take(self) -> "CallLog":
        """Return what was logged so far and begin again."""
        taken = CallLog(self.calls, self.throttled)
        self.calls, self.throttled = Counter(), 0
        return taken


def full_jitter(longest_seconds: float) -> float:
    """Return a random time up to `longest_seconds`, so that workers do not retry in step."""
    return _SYSTEM_RANDOM.uniform(0, longest_seconds)


@dataclass(slots=True)
class Patience:
    """How long to try. One for all clients of an account, so that its time is spent once.

    `throttled_attempts` and the others: calls in all, the first included.
    `waiting_seconds`: how long to wait between retries in all.
    `ends_at`: no call begins after this reading of `monotonic`; None: no end.
    """

    throttled_attempts: int = 8
    failed_attempts: int = 4
    timed_out_attempts: int = 2
    first_wait_seconds: float = 0.5
    longest_wait_seconds: float = 20.0
    waiting_seconds: float = 60.0
    ends_at: float | None = None
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[float], float] = full_jitter

    def check_time(self, operation: str) -> None:
        """Let a call begin.

        :raises AwsTimedOut: the time is used up.
        """
        if self.ends_at is not None and self.monotonic() >= self.ends_at:
            raise AwsTimedOut(
                f"the time for this reading was used up before {operation}",
                operation=operation,
                code=TIME_USED_UP,
                remedy="see which operation was slow or throttled; the next run tries again",
            )

    def renew(self, *, after_seconds: float, waiting_seconds: float) -> bool:
        """Sleep, and allow so much waiting again; False, at once: the time would be used up."""
        if self.ends_at is not None and self.monotonic() + after_seconds >= self.ends_at:
            return False
        self.sleep(after_seconds)
        self.waiting_seconds = waiting_seconds
        return True

    def wait(self, failure: AwsError, *, attempt: int) -> bool:
        """Wait before the next attempt; False: there is no next one."""
        attempts = self.failed_attempts
        if isinstance(failure, AwsThrottled):
            attempts = self.throttled_attempts
        elif isinstance(failure, AwsTimedOut):
            attempts = self.timed_out_attempts
        if not failure.transient or attempt >= attempts or self.waiting_seconds <= 0:
            return False
        longest = min(self.longest_wait_seconds, self.first_wait_seconds * 2 ** (attempt - 1))
        seconds = min(self.jitter(longest), self.waiting_seconds)
        self.waiting_seconds -= seconds
        self.sleep(seconds)
        return True


class AwsClient:
    """One service, read in the name of one role."""

    def __init__(
        self,
        client: BaseClient,
        *,
        credentials: ReadOnlyCredentials | None,
        role: AssumedRole | None,
        log: CallLog,
        patience: Patience,
        pace: Pace | None = None,
    ) -> None:
        """`credentials` and `role` None: the worker's own, which `client` has by itself."""
        self._client = client
        self._credentials = credentials
        self._role = role
        self._log = log
        self._patience = patience
        self._pace = pace
        self.service: str = client.meta.service_model.service_name

    @property
    def patience(self) -> Patience:
        """How long this client tries; collectors that poll wait by it."""
        return self._patience

    def action(self, operation: str, parameters: Mapping[str, Any] = _NOTHING) -> str:
        """Return the IAM action that the method `operation` needs, `iam:GetAccountSummary`."""
        name = self._client.meta.method_to_api_mapping[operation]
        if str(parameters.get("Bucket", "")).endswith(_DIRECTORY_BUCKET):
            return f"s3express:{name}"
        prefix = _ACTION_PREFIXES.get(self.service, self.service)
        return _ACTIONS.get((self.service, name), f"{prefix}:{name}")

    @property
    def account_id(self) -> str:
        """The account that is read, 12 digits; empty without a role."""
        return self._role.account_id if self._role else ""

    @property
    def partition(self) -> str:
        """The partition that is read, such as `aws`."""
        return self._client.meta.partition

    @property
    def region(self) -> str:
        """The region that is called."""
        return self._client.meta.region_name

    def in_region(self, region: str) -> "AwsClient":
        """Return the same reader in another region: credentials, log, patience and pace are one."""
        if region == self._client.meta.region_name:
            return self
        other = copy(self)
        other._client = in_region(self._client, region)
        return other

    def call(self, operation: str, **parameters: Any) -> AwsAnswer:
        """Call `operation`, a method of the boto3 client such as `list_roots`.

        :raises AwsError: what kind says why, after as many attempts as patience allows.
        """
        name = self.action(operation, parameters)
        attempt = 0
        while True:
            attempt += 1
            if self._pace is not None:
                self._pace.wait(name)
            self._patience.check_time(name)
            self._log.calls[name] += 1
            try:
                answer = self._send(operation, parameters)
            except (ClientError, BotoCoreError, ResponseParserError) as error:
                failure = explain(
                    error,
                    operation=name,
                    role=self._role,
                    modeled=self._modeled(operation, error),
                    offered=not isinstance(error, EndpointConnectionError)
                    or is_offered(self._client, error),
                )
                if isinstance(failure, AwsThrottled):
                    self._log.throttled += 1
                    if self._pace is not None:
                        self._pace.throttled(name)
                if not self._patience.wait(failure, attempt=attempt):
                    raise failure from error
            else:
                if self._pace is not None:
                    self._pace.succeeded(name)
                return AwsAnswer(answer, operation=name)

    def _send(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        method = getattr(self._client, operation)
        try:
            if self._credentials is None:
                answer: dict[str, Any] = method(**parameters)
            else:
                with acting_as(self._credentials):
                    answer = method(**parameters)
        except _NOT_PARSED as error:
            raise ResponseParserError(f"{type(error).__name__}: {error}") from error
        check_members(self._model(operation), answer)
        return answer

    def _model(self, operation: str) -> OperationModel:
        name = self._client.meta.method_to_api_mapping[operation]
        return self._client.meta.service_model.operation_model(name)

    def _modeled(self, operation: str, error: Exception) -> Modeled | None:
        """Return whether the service's model says that this error passes, and how."""
        if not isinstance(error, ClientError):
            return None
        code = error.response.get("Error", {}).get("Code", "")
        for shape in self._model(operation).error_shapes:
            if code in {shape.name, shape.metadata.get("error", {}).get("code")}:
                retryable = shape.metadata.get("retryable")
                if retryable is None:
                    return None
                return Modeled.THROTTLED if retryable.get("throttling") else Modeled.TRANSIENT
        return None

    def pages(self, operation: str, **parameters: Any) -> Iterator[AwsAnswer]:
        """Yield each page of a list.

        :raises AwsMalformed: a page names itself as the next, or is not the last and names none.
        """
        way = paging(self.service, self._client.meta.method_to_api_mapping[operation])
        named_by = ", ".join(way.tokens.values())
        tokens: dict[str, Any] = {}
        while True:
            page = self.call(operation, **parameters, **tokens)
            yield page
            truncated = way.is_truncated(page)
            following = {} if truncated is False else way.next_tokens(page)
            if not following:
                if truncated:
                    raise page.malformed(named_by, "is missing although more is to come")
                return
            if following == tokens:
                raise page.malformed(named_by, "names the same page again")
            tokens = following

    def paginate(self, operation: str, key: str, **parameters: Any) -> Iterator[AwsAnswer]:
        """Yield each item of a list, `key` being the member of a page that holds the items."""
        for page in self.pages(operation, **parameters):
            yield from page[key]


def assume_role(sts: AwsClient, request: RoleRequest) -> ReadOnlyCredentials:
    """Return a session's credentials. `sts`: a client with the worker's own credentials.

    AWS: sts:AssumeRole.
    :raises AwsRoleNotAssumed: STS refused; the message tells why as far as AWS does.
    """
    try:
        answer = sts.call("assume_role", **request.parameters())
    except AwsError as error:
        raise explain_assume_role(
            error, role=request.role, external_id=request.external_id
        ) from error
    given = answer["Credentials"]
    return ReadOnlyCredentials(
        given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]
    )
