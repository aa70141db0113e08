"""The SQL by which Athena counts alike events of a day, so that few rows are read back.

Events are alike where all is equal that `inventory.cloudtrail` reads of them. What it never reads,
or reads as `*`, is left out or written as `*`: sessions' names, objects' keys, tokens. So the
groups, reduced as events are, give the usage that the events themselves give. Enrichment of events
(`eventContext`) is no column of the table: its keys stay unknown.

Source: Athena user guide, "Query AWS CloudTrail logs", "Create a table for CloudTrail logs in
Athena using partition projection"; CloudTrail user guide, "CloudTrail record contents".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Final, NamedTuple

from inventory.cloudtrail.denials import CODE_PARTS, CODES

LATE_DAYS: Final = 1
"""CloudTrail delivers within minutes: events of a day are in its folder or that of the next."""

# Members of parameters that are many and of which usage keeps nothing, by the service's source.
_EVERYWHERE: Final = (
    "clientToken", "clientRequestToken", "continuationToken", "nextToken", "paginationToken",
)  # fmt: skip
NOISE: Final = {
    "s3.amazonaws.com": (
        "key", "prefix", "marker", "continuation-token", "start-after", "key-marker",
        "version-id-marker", "versionId", "uploadId", "partNumber", "part-number-marker",
    ),
    "sts.amazonaws.com": ("roleSessionName",),
    "logs.amazonaws.com": ("logStreamName", "logStreamNamePrefix"),
}  # fmt: skip
_LONGEST_MESSAGE: Final = 2048
_ENCODED: Final = "Encoded authorization failure message"
_NAME: Final = re.compile(r"[a-z_][a-z0-9_]{0,254}")


class Dialect(NamedTuple):
    """What engines write differently. `replace_all`: of a text, a pattern, what stands there."""

    replace_all: str
    group: str
    each: str
    joined: str


ATHENA: Final = Dialect(
    "regexp_replace({}, '{}', '{}')", "$1", "transform({}, {} -> {})", "array_join({}, chr(10))"
)


class LogTable(NamedTuple):
    """A table over a trail's files, with partitions `account`, `region` and `day` (yyyy/mm/dd)."""

    database: str
    table: str

    @property
    def name(self) -> str:
        """Its name in a query.

        :raises ValueError: a name that Athena's own tools would quote.
        """
        for name in self:
            if not _NAME.fullmatch(name):
                raise ValueError(
                    f"{name!r} is not a name that Athena takes unquoted: use lower-case letters, "
                    "digits and _."
                )
        return f"{self.database}.{self.table}"


COLUMNS: Final = (
    "event_source", "event_name", "event_type", "region", "source_address", "recipient_account_id",
    "error_code", "error_message", "read_only", "vpc_endpoint_id", "vpc_endpoint_account_id",
    "has_tls", "resources", "request_parameters", "additional_data", "has_identity", "kind",
    "principal_id", "arn", "account_id", "invoked_by", "identity_provider", "has_session",
    "issuer_arn", "mfa_authenticated", "source_identity", "assumed_root", "ec2_role_delivery",
    "federated_provider",
)  # fmt: skip
"""What a group is of; `count`, `first_at` and `last_at` follow."""


def query_of_day(
    table: LogTable,
    day: date,
    *,
    accounts: Collection[str] = (),
    dialect: Dialect = ATHENA,
) -> str:
    """Return the query that counts alike events of a day in UTC, each event once.

    `accounts`: ids; empty for all. An event that was delivered twice has one eventID.
    """
    folders = [day + timedelta(days=late) for late in range(LATE_DAYS + 1)]
    where = [f"day IN ({_texts(folder.strftime('%Y/%m/%d') for folder in folders)})"]
    if accounts:
        if not all(re.fullmatch(r"\d{12}", account) for account in accounts):
            raise ValueError("an account id has 12 digits")
        where.append(f"account IN ({_texts(sorted(accounts))})")
    where.append(f"substr(eventtime, 1, 10) = '{day.isoformat()}'")
    chosen = _chosen(dialect)
    selected = ",\n    ".join(f"{chosen[name]} AS {name}" for name in COLUMNS)
    names = ", ".join(COLUMNS)
    return f"""WITH delivered AS (
  SELECT *, row_number() OVER (PARTITION BY eventid ORDER BY eventtime) AS delivery
  FROM {table.name}
  WHERE {" AND ".join(where)}
), read_of AS (
  SELECT
    {selected},
    eventtime
  FROM delivered
  WHERE delivery = 1 OR eventid IS NULL
)
SELECT {names}, count(*) AS "count", min(eventtime) AS first_at, max(eventtime) AS last_at
FROM read_of
GROUP BY {names}"""  # noqa: S608  # names are checked, and texts of the code


def _chosen(dialect: Dialect) -> dict[str, str]:
    """Return the expression of each column."""
    session = "useridentity.sessioncontext"
    issuer = f"{session}.sessionissuer.arn"
    of_role = f"useridentity.type = 'AssumedRole' AND {issuer} LIKE 'arn:aws%:role/%'"
    role = dialect.replace_all.format(
        "useridentity.arn",
        "^(arn:aws[a-z-]*:sts::[0-9]{12}:assumed-role/[^/]+)/.*$",
        dialect.group,
    )
    denied = (
        " OR ".join(f"strpos(errorcode, '{part}') > 0" for part in CODE_PARTS)
        + f" OR errorcode IN ({_texts(sorted(CODES))})"
        + " OR strpos(lower(errormessage), 'not authorized to perform') > 0"
    )
    message = dialect.replace_all.format("errormessage", f"{_ENCODED}.*$", "")
    one = dialect.replace_all.format(
        "coalesce(one.arn, '')",
        "^(arn:aws:s3:::[^/]+/).*$",
        f"{dialect.group}*",
    )
    arns = dialect.joined.format(dialect.each.format("resources", "one", one))
    return {
        "event_source": "eventsource",
        "event_name": "eventname",
        "event_type": "eventtype",
        "region": "awsregion",
        "source_address": "sourceipaddress",
        "recipient_account_id": "recipientaccountid",
        "error_code": f"CASE WHEN {denied} THEN errorcode END",
        "error_message": f"CASE WHEN {denied} THEN substr({message}, 1, {_LONGEST_MESSAGE}) END",
        "read_only": "lower(cast(readonly AS varchar))",
        "vpc_endpoint_id": "vpcendpointid",
        "vpc_endpoint_account_id": "vpcendpointaccountid",
        "has_tls": "CASE WHEN length(tlsdetails.tlsversion) > 0 THEN 'true' END",
        "resources": arns,
        "request_parameters": _parameters(dialect),
        "additional_data": "CASE WHEN eventsource LIKE 'bedrock%' THEN additionaleventdata END",
        "has_identity": "CASE WHEN useridentity IS NOT NULL THEN 'true' END",
        "kind": "useridentity.type",
        # The id of a role's session goes on with the session's name.
        "principal_id": "CASE WHEN coalesce(useridentity.type, '') <> 'AssumedRole' "
        "THEN useridentity.principalid END",
        "arn": f"CASE WHEN {of_role} THEN NULL ELSE {role} END",
        "account_id": "useridentity.accountid",
        "invoked_by": "useridentity.invokedby",
        "identity_provider": "useridentity.identityprovider",
        "has_session": f"CASE WHEN {session} IS NOT NULL THEN 'true' END",
        "issuer_arn": issuer,
        "mfa_authenticated": f"{session}.attributes.mfaauthenticated",
        "source_identity": f"{session}.sourceidentity",
        "assumed_root": f"{session}.assumedroot",
        "ec2_role_delivery": f"{session}.ec2roledelivery",
        "federated_provider": f"{session}.webidfederationdata.federatedprovider",
    }


def _parameters(dialect: Dialect) -> str:
    """Return the expression of the parameters, with `*` for the values of what is noise."""

    def starred(names: Collection[str]) -> str:
        pattern = f'"({"|".join(names)})" *: *"[^"\\\\]*(\\\\.[^"\\\\]*)*"'
        return dialect.replace_all.format("requestparameters", pattern, f'"{dialect.group}":"*"')

    cases = "".join(
        f" WHEN eventsource = '{source}' THEN {starred((*names, *_EVERYWHERE))}"
        for source, names in NOISE.items()
    )
    return f"CASE{cases} ELSE {starred(_EVERYWHERE)} END"


def _texts(values: Iterable[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)
