"""`replay`: a change and recorded usage in, what the change would do to that usage out."""

from __future__ import annotations

import argparse
import gc
import json
import time
from pathlib import Path
from typing import cast

from policies.cli.replay_file import replayed_file
from policies.cli.replay_input import InputReader, text_of
from policies.cli.streams import Streams
from policies.cli.tree import TARGETS_HELP


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command and declare `--usage`."""
    parser.add_argument(
        "--usage",
        metavar="FILE",
        help="read the usage from a file, one record a line, in place of the input's member",
    )
    parser.description = (
        "Find what a change of an organization's policies would do to recorded usage. Reads one "
        "JSON object from standard input and writes one. Each record is decided under every level "
        "that binds it, before and after, as though all other policies allowed it."
    )
    parser.epilog = (
        'Input:\n  {"before": [targets], "after": [targets],\n'
        '   "resource_control_before": [targets], "resource_control_after": [targets], if RCPs '
        "are enabled,\n"
        '   "organization": {"id": "o-...", "management_account_id": 12 digits}, if known,\n'
        '   "usage": [records]}\n'
        + TARGETS_HELP
        + 'A record is {"account_id", "principal": an ARN, a service principal, or an account id '
        "if no more\n"
        'is known, "action", "resource": an ARN, which may have wildcards, or "*", "region", '
        '"context": {...},\n'
        '"unknown_context": [keys], "count", "denied", "first_at", "last_at"}.\n'
        'Output:\n  {"revoked": [records], "gained": [records],\n'
        '   "maybe": [records, each with "keys": what it depends on: context keys that are not '
        "known,\n"
        '             "resource" if only some of the resources are affected, "principal" if that '
        "is not known],\n"
        '   "unchanged": how many records, "unlisted_accounts": [accounts that no tree has],\n'
        '   "seconds": ...}\n'
    )


def run(arguments: argparse.Namespace, streams: Streams) -> int:
    """Replay the usage.

    :raises BadInput: the input is no such object, a tree is none, a record is none, or the file
        cannot be read.
    """
    usage_file = cast("str | None", arguments.usage)
    text = text_of(streams.input.read())
    started = time.perf_counter()
    was_enabled = gc.isenabled()
    # Records hold no circles, and looking for some among so many takes a third of the time.
    gc.disable()
    try:
        reading = InputReader(text, takes_usage=usage_file is None)
        if usage_file is None:
            found = reading.replayed().found()
        else:
            found = replayed_file(Path(usage_file), reading.replayer())
    finally:
        if was_enabled:
            gc.enable()
    output = streams.output
    for name in ("revoked", "gained", "maybe"):
        output.write("{" if name == "revoked" else ", ")
        output.write(f'"{name}": [{getattr(found, name)}]')
    ending = {
        "unchanged": found.unchanged,
        "unlisted_accounts": sorted(found.unlisted_accounts),
        "seconds": round(time.perf_counter() - started, 6),
    }
    output.write(", " + json.dumps(ending)[1:] + "\n")
    return 0
