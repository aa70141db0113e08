"""`compare`: one JSON object with two states in, the differences out."""

from __future__ import annotations

import argparse
import json
import time
from typing import Final

from policies.catalogue import Catalogue
from policies.cli.json_input import BadInput, member, read_object, refuse_unknown
from policies.cli.policy_input import organization_of
from policies.cli.streams import Streams
from policies.cli.tree import TARGETS_HELP, TreeReader, policy_type_of, target_ids
from policies.comparison import (
    Comparison,
    Difference,
    TargetComparison,
    UndecidedDifference,
    UnknownTarget,
    compare,
)
from policies.compiled import default_compiler

_MEMBERS: Final = frozenset({"before", "after", "report_on", "policy_type", "organization"})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command; it takes no arguments."""
    parser.description = (
        "Prove what an edit of an organization's policies newly denies or newly allows. Reads one "
        "JSON object from standard input and writes one. A target without differences is proven "
        "unchanged; each difference has a request that the evaluator decides differently."
    )
    parser.epilog = (
        'Input:\n  {"before": [targets], "after": [targets],\n'
        '   "report_on": [target ids, default all that are in both],\n'
        '   "policy_type": "SERVICE_CONTROL_POLICY" (default) or "RESOURCE_CONTROL_POLICY",\n'
        '   "organization": {"id": "o-...", "management_account_id": 12 digits}, if known}\n'
        + TARGETS_HELP
        + 'Output:\n  {"targets": {target id: {"newly_denied": [difference], '
        '"newly_allowed": [difference],\n'
        '     "changed_in_condition": [actions that change in some requests only],\n'
        '     "undecided": [{"actions": [...], "when": text, "reason": text}]}},\n'
        '   "seconds": ..., "catalogue": version of the actions compared by name}\n'
        '  A difference is {"actions": [...], "when": text, "witness": request, "remark": text '
        "if it may not matter}.\n"
    )


def run(arguments: argparse.Namespace, streams: Streams) -> int:
    """Compare the two states.

    :raises BadInput: see `read_object`, `TreeReader.read`; or a target to report on is unknown.
    """
    given = read_object(streams.input)
    refuse_unknown(given, _MEMBERS, "the input")
    started = time.perf_counter()
    compiler, policy_type = default_compiler(), policy_type_of(given)
    reader = TreeReader(compiler, policy_type)
    before = reader.read(member(given, "before", "the input"), '"before"')
    after = reader.read(member(given, "after", "the input"), '"after"')
    try:
        comparison = compare(
            before,
            after,
            compiler=compiler,
            report_on=target_ids(given, "report_on"),
            policy_type=policy_type,
            organization=organization_of(given.get("organization")),
        )
    except UnknownTarget as error:
        raise BadInput(str(error)) from error
    answer = as_json(comparison, compiler.catalogue)
    answer["seconds"] = round(time.perf_counter() - started, 6)
    streams.output.write(json.dumps(answer, ensure_ascii=False) + "\n")
    return 0


def as_json(comparison: Comparison, catalogue: Catalogue) -> dict[str, object]:
    """Return a comparison as the command writes it."""
    return {
        "targets": {
            target_id: _target(target_id, found, catalogue)
            for target_id, found in comparison.targets.items()
        },
        "catalogue": comparison.catalogue_version,
    }


def _target(target_id: str, found: TargetComparison, catalogue: Catalogue) -> dict[str, object]:
    return {
        "newly_denied": [
            difference_json(target_id, item, catalogue) for item in found.newly_denied
        ],
        "newly_allowed": [
            difference_json(target_id, item, catalogue) for item in found.newly_allowed
        ],
        "changed_in_condition": catalogue.actions(found.changed_in_condition),
        "undecided": [undecided_json(item, catalogue) for item in found.undecided],
    }


def difference_json(target_id: str, item: Difference, catalogue: Catalogue) -> dict[str, object]:
    """Return a difference with its request for one target."""
    is_account = len(target_id) == 12 and target_id.isdecimal()
    account_id = target_id if is_account else item.account_id
    written: dict[str, object] = {
        "actions": item.actions.names(catalogue),
        "when": item.when.words,
        "witness": item.witness.for_account(item.account_id, account_id).as_json(catalogue),
    }
    if item.remark is not None:
        written["remark"] = item.remark
    return written


def undecided_json(item: UndecidedDifference, catalogue: Catalogue) -> dict[str, object]:
    """Return what is not proven, and why."""
    return {
        "actions": item.actions.names(catalogue),
        "when": item.when.words,
        "reason": item.reason.value,
    }
