"""The objects of a trail: their names, and events packed into them."""

from dataclasses import dataclass
from datetime import datetime

from isal import igzip


@dataclass(frozen=True, slots=True)
class LogObject:
    """An object in the trail's bucket. `at`: when it was delivered. `body`: gzip.

    `signature`: of a digest file, in hex; empty for files of events.
    """

    key: str
    at: datetime
    body: bytes
    signature: str = ""


@dataclass(frozen=True, slots=True)
class TrailWriter:
    """How the keys of an organization's trail are named. `number`: of an object, for its name."""

    organization_id: str

    def log_object(
        self, account_id: str, region: str, day: datetime, at: datetime, number: int, events: str
    ) -> LogObject:
        """Return an object with events, each JSON, separated by commas."""
        name = f"{account_id}_CloudTrail_{region}_{at:%Y%m%dT%H%MZ}_{_unique(number)}.json.gz"
        folder = f"AWSLogs/{self.organization_id}/{account_id}/CloudTrail/{region}/{day:%Y/%m/%d}"
        text = b'{"Records":[' + events.encode() + b"]}"
        body = igzip.compress(text, compresslevel=1, mtime=int(at.timestamp()))
        return LogObject(f"{folder}/{name}", at, body)


def _unique(number: int) -> str:
    """Return 16 letters and digits, another for each number, in no order of time."""
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    value = (number + 1) * 0x9E3779B97F4A7C15F39CC0605CEDC834 % 62**16
    letters = []
    for _ in range(16):
        value, index = divmod(value, 62)
        letters.append(alphabet[index])
    return "".join(letters)
