"""Finds the module of a sub-command and runs it; bad input is one line on stderr and exit 2."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final, NamedTuple, Protocol, cast

from policies.cli.json_input import BadInput
from policies.cli.streams import Streams, standard_streams


class CommandModule(Protocol):
    """What the module of a sub-command offers."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's own arguments, and its description for `--help`."""

    def run(self, arguments: argparse.Namespace, streams: Streams) -> int:
        """Do the command's work and return the exit status.

        :raises BadInput: what was given cannot be worked with.
        """


class Command(NamedTuple):
    """A sub-command; its module is imported only when it is asked for."""

    name: str
    module: str
    summary: str


COMMANDS: Final[tuple[Command, ...]] = (
    Command("evaluate", "policies.cli.evaluate", "decide requests, one JSON line each"),
    Command("explain", "policies.cli.explain", "explain the decision of one request"),
    Command("compare", "policies.cli.compare", "prove what an edit newly denies or allows"),
    Command("transients", "policies.cli.transients", "prove the states between two states"),
    Command("replay", "policies.cli.replay", "find what a change does to recorded usage"),
    Command("ceiling", "policies.cli.ceiling", "list what each account may do at most"),
    Command("guardrail", "policies.cli.guardrail", "prove a guardrail in each account"),
    Command(
        "trust", "policies.cli.trust", "read whom a policy gives access, and how it is guarded"
    ),
    Command("lint", "policies.cli.lint", "check a policy for mistakes and risks"),
    Command("pack", "policies.cli.pack", "write policies shorter, with a proof of equality"),
)

EXIT_BAD_INPUT: Final = 2


def main(arguments: Sequence[str] | None = None, streams: Streams | None = None) -> int:
    """Run one sub-command. `arguments` default to the process's, `streams` to its standard ones.

    Returns the exit status: 0, or 2 for input that cannot be worked with (argparse itself exits
    with 2 for bad arguments and 0 for `--help`).
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    streams = streams or standard_streams()
    parser, modules = _parser(given)
    parsed = parser.parse_args(given)
    try:
        return modules[str(parsed.command)].run(parsed, streams)
    except BadInput as error:
        streams.errors.write(f"policies {parsed.command}: {error}\n")
        return EXIT_BAD_INPUT
    except BrokenPipeError:
        # The reader has gone; Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser(given: Sequence[str]) -> tuple[argparse.ArgumentParser, dict[str, CommandModule]]:
    parser = argparse.ArgumentParser(
        prog="python -m policies",
        description="What AWS policies mean. Every command reads JSON and writes JSON.",
    )
    commands = parser.add_subparsers(dest="command", metavar="command", required=True)
    modules: dict[str, CommandModule] = {}
    for command in COMMANDS:
        sub = commands.add_parser(
            command.name,
            help=command.summary,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if command.name in given[:1]:
            module = cast(CommandModule, import_module(command.module))
            module.add_arguments(sub)
            modules[command.name] = module
    return parser, modules
