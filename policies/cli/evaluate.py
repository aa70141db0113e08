"""`evaluate`: JSON lines in, one JSON line out for each, in order."""

from __future__ import annotations

import argparse
import json

from policies.cli.json_input import BadInput
from policies.cli.question import QUESTION_HELP, QuestionReader
from policies.cli.streams import Streams


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command; it takes no arguments."""
    parser.description = (
        "Decide requests. Reads one question per line from standard input and writes one line for "
        "each, in order. A line that cannot be read gives an error for that line alone."
    )
    parser.epilog = QUESTION_HELP + (
        'An answer:\n  {"decision": "allowed", "explicitDeny", "implicitDeny" or "unknown",\n'
        '   "decided_by": [kinds of policy], "unknown_keys": [keys it hangs on],\n'
        '   "trace": [one object for each level; where AWS itself decides, whatever policies say,\n'
        '             the first has "rule": {"text", "source"}]}\n'
        '  or {"error": "what is wrong"}\n'
    )


def run(arguments: argparse.Namespace, streams: Streams) -> int:
    """Answer every line; a line's fault is that line's answer."""
    reader = QuestionReader()
    write, flush = streams.output.write, streams.output.flush
    for line in streams.input:
        write(answer_line(reader, line) + "\n")
        flush()
    return 0


def answer_line(reader: QuestionReader, line: bytes) -> str:
    """Answer one line of UTF-8 with one line of JSON."""
    try:
        return reader.answer(line.decode())
    except BadInput as error:
        return _error(str(error))
    except UnicodeDecodeError as error:
        return _error(f"byte {error.start + 1} is not UTF-8")


def _error(message: str) -> str:
    return json.dumps({"error": message}, ensure_ascii=False)
