"""The credential report: passwords, MFA and access keys of users and of the root user."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.aws.errors import AwsMalformed, AwsNotFound, AwsReadFailed, AwsTimedOut
from inventory.collectors.collector import Action, Collector, Scope, Slice, alone
from inventory.records import CredentialReportRecord, PrincipalActivityRecord, UserCredentialRecord

_GET = "get_credential_report"
# What GenerateCredentialReport answers to one request too many (IAM API reference).
_BUSY = "LimitExceeded"
_POLL_AFTER_SECONDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0)
# The user name of the root user's row.
ROOT_USER = "<root_account>"
# Said where there is nothing to say: no such thing, not kept for this user, never used.
_NOTHING = frozenset({"", "N/A", "not_supported", "no_information"})


def collect_credential_report(
    iam: AwsClient,
) -> Iterator[CredentialReportRecord | UserCredentialRecord | PrincipalActivityRecord]:
    """Yield the report's age, then each user's credentials and last use, the root user's too.

    AWS keeps a report for four hours and makes no other before, so the report is asked for first
    and made only where there is none: one call in most runs.
    AWS: iam:GetCredentialReport, GenerateCredentialReport.
    :raises AwsTimedOut: AWS had not made the report after half a minute.
    :raises AwsMalformed: it is no report: the root user is missing.
    """
    report = _report(iam)
    try:
        text = report["Content"].decode("utf-8")
    except UnicodeDecodeError as error:
        raise report.malformed("Content", "is not UTF-8") from error
    rows = list(csv.DictReader(io.StringIO(text)))
    if not any(row.get("user") == ROOT_USER for row in rows):
        raise report.malformed("Content", f"has no row of {ROOT_USER}, which every report has")
    yield CredentialReportRecord(report["GeneratedTime"])
    for row in rows:
        yield _credential(row)
        yield _use(row)


def _report(iam: AwsClient) -> AwsAnswer:
    try:
        return iam.call(_GET)
    except AwsNotFound:
        asked = _ask(iam)
    for seconds in _POLL_AFTER_SECONDS:
        iam.patience.sleep(seconds)
        asked = asked or _ask(iam)
        if not asked:
            continue
        try:
            return iam.call(_GET)
        except AwsNotFound:
            continue
    raise AwsTimedOut(
        "AWS had not generated the credential report after half a minute",
        operation=iam.action(_GET),
        code="ReportInProgress",
        remedy="the next run asks for it again",
        transient=True,
    )


def _ask(iam: AwsClient) -> bool:
    """Ask for a report; False: AWS takes no further request for a moment."""
    try:
        iam.call("generate_credential_report")
    except AwsReadFailed as error:
        if error.code != _BUSY:
            raise
        return False
    return True


def _credential(row: dict[str, str]) -> UserCredentialRecord:
    return UserCredentialRecord(
        arn=_text(row, "arn"),
        user_name=_text(row, "user"),
        password_enabled=_flag(row, "password_enabled"),
        password_last_changed_at=_time(row, "password_last_changed"),
        mfa_active=_flag(row, "mfa_active"),
        access_key_1_active=_flag(row, "access_key_1_active"),
        access_key_1_rotated_at=_time(row, "access_key_1_last_rotated"),
        access_key_2_active=_flag(row, "access_key_2_active"),
        access_key_2_rotated_at=_time(row, "access_key_2_last_rotated"),
    )


def _use(row: dict[str, str]) -> PrincipalActivityRecord:
    password = _time(row, "password_last_used")
    key_1 = _time(row, "access_key_1_last_used_date")
    key_2 = _time(row, "access_key_2_last_used_date")
    regions = {
        key_1: _optional(row, "access_key_1_last_used_region"),
        key_2: _optional(row, "access_key_2_last_used_region"),
    }
    last_used = max((time for time in (password, key_1, key_2) if time is not None), default=None)
    return PrincipalActivityRecord(
        arn=_text(row, "arn"),
        last_used_at=last_used,
        # A password is used in no region that the report tells.
        last_used_region=regions.get(last_used, "") if last_used is not None else "",
        password_last_used_at=password,
        access_key_1_last_used_at=key_1,
        access_key_1_last_used_service=_optional(row, "access_key_1_last_used_service"),
        access_key_2_last_used_at=key_2,
        access_key_2_last_used_service=_optional(row, "access_key_2_last_used_service"),
    )


def _text(row: dict[str, str], column: str) -> str:
    value = row.get(column)
    if value is None:
        raise _malformed(row, column, "is missing")
    return value


def _optional(row: dict[str, str], column: str) -> str:
    value = _text(row, column)
    return "" if value in _NOTHING else value


def _flag(row: dict[str, str], column: str) -> bool | None:
    value = _text(row, column)
    if value in _NOTHING:
        return None
    if value.lower() not in {"true", "false"}:
        raise _malformed(row, column, f"is {value!r}, neither true nor false")
    return value.lower() == "true"


def _time(row: dict[str, str], column: str) -> datetime | None:
    value = _text(row, column)
    if value in _NOTHING:
        return None
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        raise _malformed(row, column, f"is {value!r}, not a time") from None
    if time.tzinfo is None:
        raise _malformed(row, column, f"is {value!r}, without an offset from UTC")
    return time


def _malformed(row: dict[str, str], column: str, what: str) -> AwsMalformed:
    return AwsMalformed(
        f"the credential report is not as AWS documents it: {column} of "
        f"{row.get('user', 'a user')} {what}",
        operation="iam:GetCredentialReport",
        code="Malformed",
        remedy="check whether something else answers instead of AWS; otherwise report this",
    )


COLLECTORS = (
    Collector(
        name="iam.credential_report",
        label="Credential report",
        scope=Scope.GLOBAL,
        service="iam",
        actions=(
            Action(
                "iam:GetCredentialReport",
                "passwords, MFA and access keys of users and the root user",
            ),
            Action("iam:GenerateCredentialReport", "the same, where AWS has no report yet"),
        ),
        read=alone(collect_credential_report),
        covers=(
            Slice(UserCredentialRecord),
            Slice(PrincipalActivityRecord, {"kind": "user"}),
            Slice(CredentialReportRecord),
        ),
    ),
)
