"""`transients`: one JSON object with all states of a plan in, what those between decide out."""

from __future__ import annotations

import argparse
import json
import time
from typing import Final

from policies.catalogue import Catalogue
from policies.cli.compare import difference_json, undecided_json
from policies.cli.json_input import BadInput, as_list, member, read_object, refuse_unknown
from policies.cli.policy_input import organization_of
from policies.cli.streams import Streams
from policies.cli.tree import TARGETS_HELP, TreeReader, policy_type_of, target_ids
from policies.comparison import IntermediateStates, UnknownTarget, find_transients
from policies.compiled import default_compiler

_MEMBERS: Final = frozenset({"states", "report_on", "policy_type", "organization"})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command; it takes no arguments."""
    parser.description = (
        "Prove what the intermediate states of a plan decide differently from its first and last "
        "state, where these two agree. Reads one JSON object from standard input and writes one."
    )
    parser.epilog = (
        'Input:\n  {"states": [what is, each state after one more step, what shall be],\n'
        '   "report_on": [target ids, default all that are in the first and the last state],\n'
        '   "policy_type": "SERVICE_CONTROL_POLICY" (default) or "RESOURCE_CONTROL_POLICY",\n'
        '   "organization": {"id": "o-...", "management_account_id": 12 digits}, if known}\n'
        "A state is a list of targets.\n"
        + TARGETS_HELP
        + 'Output:\n  {"transients": [{"state": its place in "states", "target_id": ..., '
        '"kind": "denied" or "allowed",\n'
        '     "actions": [...], "when": text, "witness": request}],\n'
        '   "undecided": [{"state": ..., "target_id": ..., "actions": [...], "when": text, '
        '"reason": text}],\n'
        '   "seconds": ..., "catalogue": version of the actions compared by name}\n'
        "  denied: the first and the last state allow it and this one denies it; allowed: the "
        "reverse.\n"
    )


def run(arguments: argparse.Namespace, streams: Streams) -> int:
    """Prove the states between the first and the last.

    :raises BadInput: see `read_object`, `TreeReader.read`; fewer than two states; or a target to
        report on is unknown.
    """
    given = read_object(streams.input)
    refuse_unknown(given, _MEMBERS, "the input")
    started = time.perf_counter()
    compiler, policy_type = default_compiler(), policy_type_of(given)
    reader = TreeReader(compiler, policy_type)
    listed = as_list(member(given, "states", "the input"), '"states"')
    if len(listed) < 2:
        raise BadInput('"states" must hold at least the first and the last state')
    states = [reader.read(state, f'"states"[{number}]') for number, state in enumerate(listed)]
    try:
        found = find_transients(
            states,
            compiler=compiler,
            report_on=target_ids(given, "report_on"),
            policy_type=policy_type,
            organization=organization_of(given.get("organization")),
        )
    except UnknownTarget as error:
        raise BadInput(str(error)) from error
    answer = _as_json(found, compiler.catalogue)
    answer["seconds"] = round(time.perf_counter() - started, 6)
    streams.output.write(json.dumps(answer, ensure_ascii=False) + "\n")
    return 0


def _as_json(found: IntermediateStates, catalogue: Catalogue) -> dict[str, object]:
    return {
        "transients": [
            {
                "state": one.state,
                "target_id": one.target_id,
                "kind": one.kind.value,
                **difference_json(one.target_id, one.difference, catalogue),
            }
            for one in found.transients
        ],
        "undecided": [
            {
                "state": one.state,
                "target_id": one.target_id,
                **undecided_json(one.undecided, catalogue),
            }
            for one in found.undecided
        ],
        "catalogue": found.catalogue_version,
    }
