"""`explain`: why one request is decided as it is, in words or as JSON."""

from __future__ import annotations

import argparse

from policies.cli.json_input import BadInput
from policies.cli.question import QUESTION_HELP, QuestionReader
from policies.cli.streams import Streams


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command and its arguments."""
    parser.description = (
        "Explain why a request is allowed or denied: level by level, which statement holds and "
        "which does not, and why. Reads one question (a JSON object) from standard input."
    )
    parser.epilog = QUESTION_HELP
    parser.add_argument("--json", action="store_true", help="write the answer of 'evaluate'")
    parser.add_argument(
        "--all", action="store_true", help="show statements about other actions and callers too"
    )


def run(arguments: argparse.Namespace, streams: Streams) -> int:
    """Explain the one question on standard input.

    :raises BadInput: it is no question.
    """
    try:
        text = streams.input.read().decode()
    except UnicodeDecodeError as error:
        raise BadInput(f"byte {error.start + 1} is not UTF-8") from error
    reader = QuestionReader()
    if arguments.json:
        streams.output.write(reader.answer(text) + "\n")
    else:
        streams.output.write(reader.explain(text).text(all_statements=bool(arguments.all)))
    return 0
