"""Reading a guardrail that somebody writes, for one organization."""

from governance.baseline.guardrails.documents import GuardrailDocument
from governance.baseline.guardrails.reading import (
    GuardrailInvalid,
    read_guardrail,
)
from governance.baseline.guardrails.scoping import ScopeDirectory
from governance.edits.placed_reader import PlacedProblem
from inventory.models import Connection
from inventory.viewing import Viewer, targets_seen


def read_for(
    viewer: Viewer, connection: Connection, content: bytes, *, file: str = ""
) -> GuardrailDocument:
    """Read a guardrail from a file, and check that what its scope names is there for the viewer.

    :raises GuardrailInvalid: naming every line that is wrong.
    """
    document = read_guardrail(content, file=file)
    lines = content.decode("utf-8-sig").splitlines()
    problems = [
        PlacedProblem(_line_of(lines, path, message), ".".join(map(str, path)), message)
        for path, message in ScopeDirectory(connection).problems(
            document.scope, targets_seen(viewer, connection)
        )
    ]
    if problems:
        raise GuardrailInvalid(problems, file=file)
    return document


def _line_of(lines: list[str], path: tuple[int | str, ...], message: str) -> int:
    """Return the first line that names what is not known, else that of the scope."""
    words = message.removeprefix("the organization has no ").partition(";")[0].split(" ", 1)
    named = words[1] if len(words) > 1 else ""
    for number, line in enumerate(lines, start=1):
        if named and named in line:
            return number
    return next((n for n, line in enumerate(lines, 1) if line.startswith(str(path[0]))), 1)
