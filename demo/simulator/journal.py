"""The writes made since seeding, kept in a file and made again at the next start.

One JSON object a line. The first line holds the time of seeding, so that everything dated "so many
days ago" keeps its date; each further line is one call that changed IAM or the organization.
"""

import base64
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from demo.simulator.calls import Call, Caller

# Members of Caller that a state file holds: no tokens.
_CALLER: Final = (
    *("account_id", "arn", "principal_arn", "kind", "user_id", "name", "access_key_id"),
    "source_identity",
)


class JournalBroken(ValueError):
    """The state file cannot be read; the text names the line and what to do."""


@dataclass(frozen=True, slots=True)
class JournaledCall:
    """One write: who called what, when, with which body.

    `caller`: None in a state file from before callers were written. `agent`: the user agent.
    """

    account_id: str
    service: str
    operation: str
    protocol: str
    region: str
    content_type: str
    body: bytes
    at: datetime
    caller: Caller | None = None
    agent: str = ""

    def environ(self) -> dict[str, Any]:
        """Return the WSGI request that makes this write again."""
        scope = f"{self.region}/{self.service}/aws4_request"
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/",
            "QUERY_STRING": "",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "HTTP_HOST": "127.0.0.1",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(self.body),
            "CONTENT_LENGTH": str(len(self.body)),
            "CONTENT_TYPE": self.content_type,
            "HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 Credential=replay/20000101/{scope}",
        }
        if self.protocol == "json":
            environ["HTTP_X_AMZ_TARGET"] = f"Replay.{self.operation}"
        return environ


class Journal:
    """A state file; without a path nothing is kept."""

    def __init__(self, path: Path | None, organization: str) -> None:
        self._path = path
        self._organization = organization
        self.seeded_at = datetime.now(UTC).replace(microsecond=0)
        self.entries: list[JournaledCall] = []
        if path is not None and path.exists():
            self._read(path)
        elif path is not None:
            self._begin(path)

    def add(self, caller: Caller, call: Call, content_type: str, at: datetime, agent: str) -> None:
        """Append a write that has been done. `agent`: the caller's user agent."""
        if self._path is None:
            return
        line = {
            "account_id": caller.account_id,
            "service": call.service,
            "operation": call.operation,
            "protocol": call.protocol,
            "region": call.region,
            "content_type": content_type,
            "body": base64.b64encode(call.body).decode(),
            "at": at.isoformat(),
            "caller": {name: getattr(caller, name) for name in _CALLER},
            "agent": agent,
        }
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def restart(self) -> None:
        """Forget every write and date the seeding again."""
        self.seeded_at = datetime.now(UTC).replace(microsecond=0)
        self.entries = []
        if self._path is not None:
            self._begin(self._path)

    def _begin(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        header = {"seeded_at": self.seeded_at.isoformat(), "organization": self._organization}
        path.write_text(json.dumps(header) + "\n", encoding="utf-8")

    def _read(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        if text and not text.endswith("\n"):
            # A kill in the middle of a write leaves half a last line: that write was not answered.
            text = text[: text.rfind("\n") + 1]
            path.write_text(text, encoding="utf-8")
        lines = text.splitlines()
        try:
            header = json.loads(lines[0]) if lines else {}
            if header.get("organization") != self._organization:
                # Another organization was asked for: what was written to the last one is void.
                self._begin(path)
                return
            self.seeded_at = datetime.fromisoformat(header["seeded_at"])
            self.entries = list(_entries(lines[1:]))
        except (ValueError, KeyError, TypeError) as error:
            raise JournalBroken(
                f"{path} is no state file of the simulator ({error}); delete it to start anew"
            ) from error


def _entries(lines: list[str]) -> Iterator[JournaledCall]:
    for line in lines:
        found = json.loads(line)
        yield JournaledCall(
            found["account_id"],
            found["service"],
            found["operation"],
            found["protocol"],
            found["region"],
            found["content_type"],
            base64.b64decode(found["body"]),
            datetime.fromisoformat(found["at"]),
            _caller(found.get("caller")),
            found.get("agent", ""),
        )


def _caller(found: dict[str, str] | None) -> Caller | None:
    """Return who made a write, without what a session opens with."""
    if found is None:
        return None
    members: dict[str, Any] = {name: found[name] for name in _CALLER}
    return Caller(**members)
