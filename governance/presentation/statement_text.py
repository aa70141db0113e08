"""Where a statement stands in a policy's text."""

import json

from policies.language.document import Path, SourceText


def statement_lines(text: str, path: Path) -> tuple[int, int]:
    """Return the first and the last line, from 1, of the part of `text` that is at `path`.

    Where the end cannot be told, the last line is the first.
    """
    source = SourceText(text)
    start = source.position(path)
    at = source.line_starts[start.line - 1] + start.column - 1
    decoder = json.JSONDecoder()
    try:
        if text[at : at + 1] == '"':
            # A member, located by its name; its value follows the colon.
            _, at = decoder.raw_decode(text, at)
            at = text.index(":", at) + 1
        at += len(text[at:]) - len(text[at:].lstrip())
        _, end = decoder.raw_decode(text, at)
    except (ValueError, RecursionError):
        return start.line, start.line
    return start.line, source.position_at(max(at, end - 1)).line
