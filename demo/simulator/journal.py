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
from typing import Any

from demo.simulator.calls import Call


class JournalBroken(ValueError):
    """The state file cannot be read; the text names the line and what to do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One write: who called what, when, with which body."""

    account_id: str
    service: str
    operation: str
    protocol: str
    region: str
    content_type: str
    body: bytes
    at: datetime

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
        self.entries: list[Entry] = []
        if path is not None and path.exists():
            self._read(path)
        elif path is not None:
            self._begin(path)

    def add(self, account_id: str, call: Call, content_type: str, at: datetime) -> None:
        """Append a write that has been done."""
        if self._path is None:
            return
        line = {
            "account_id": account_id,
            "service": call.service,
            "operation": call.operation,
            "protocol": call.protocol,
            "region": call.region,
            "content_type": content_type,
            "body": base64.b64encode(call.body).decode(),
            "at": at.isoformat(),
        }
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def restart(self) -> None:
        """Forget every write and date the seeding anew."""
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


def _entries(lines: list[str]) -> Iterator[Entry]:
    for line in lines:
        found = json.loads(line)
        yield Entry(
            found["account_id"],
            found["service"],
            found["operation"],
            found["protocol"],
            found["region"],
            found["content_type"],
            base64.b64decode(found["body"]),
            datetime.fromisoformat(found["at"]),
        )
