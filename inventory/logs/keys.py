"""Names of CloudTrail's files in a bucket, and what they say.

Source: CloudTrail user guide, "Finding your CloudTrail log files" and "CloudTrail log file name
format".
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

LOGS: Final = "CloudTrail"
DIGESTS: Final = "CloudTrail-Digest"

_KEY: Final = re.compile(
    r"(?:.*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?(?P<account>\d{12})/CloudTrail/"
    r"(?P<region>[a-z]{2,}(?:-[a-z]+)+-\d+)/(?P<day>\d{4}/\d\d/\d\d)/(?P<name>[^/]+)"
)
_TIME: Final = re.compile(r"_(\d{8}T\d{4})Z_[^/]*$")
_REGION: Final = re.compile(r"[a-z]{2,}(?:-[a-z]+)+-\d+")
_ACCOUNT: Final = re.compile(r"\d{12}")


@dataclass(frozen=True, slots=True)
class LogKey:
    """A log file's place: whose it is, and its day. `at`: the time in its name, if it has one."""

    account_id: str
    region: str
    day: date
    at: datetime | None


def parse_log_key(key: str) -> LogKey | None:
    """Return what a key says; None: it names no log file, a digest file for instance."""
    found = _KEY.fullmatch(key)
    if found is None or len(key) > 1024 or not found["name"].endswith((".json.gz", ".json")):
        return None
    try:
        day = datetime.strptime(found["day"], "%Y/%m/%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None
    return LogKey(found["account"], found["region"], day, _time(found["name"]))


def _time(name: str) -> datetime | None:
    found = _TIME.search(name)
    if found is None:
        return None
    try:
        return datetime.strptime(found[1], "%Y%m%dT%H%M").replace(tzinfo=UTC)
    except ValueError:
        return None


def day_prefix(root: str, account_id: str, kind: str, region: str, day: date | None = None) -> str:
    """Return how the keys of an account's region begin, those of one day if one is given.

    `kind`: `LOGS` or `DIGESTS`.
    """
    of_day = f"{day:%Y/%m/%d}/" if day is not None else ""
    return f"{root}{account_id}/{kind}/{region}/{of_day}"


def last_folder(prefix: str) -> str:
    """Return the last name of a prefix that ends with a slash."""
    return prefix.rstrip("/").rpartition("/")[2]


def is_account_folder(prefix: str) -> bool:
    """Whether a prefix is an account's."""
    return _ACCOUNT.fullmatch(last_folder(prefix)) is not None


def is_region_folder(prefix: str) -> bool:
    """Whether a prefix is a region's."""
    return _REGION.fullmatch(last_folder(prefix)) is not None
