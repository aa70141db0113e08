"""`ceiling`: a tree of targets in, what each account may do at most out."""

from __future__ import annotations

import argparse
import json
from typing import Final

from policies.ceiling import (
    Assumptions,
    BadAssumption,
    Ceiling,
    CeilingMaker,
    Residual,
    level_effects,
    residual,
)
from policies.cli.json_input import (
    BadInput,
    as_list,
    as_object,
    as_text,
    member,
    read_object,
    refuse_unknown,
)
from policies.cli.streams import Streams
from policies.cli.tree import TARGETS_HELP, TreeReader, policy_type_of, target_ids
from policies.comparison.wording import operator_of
from policies.compiled import default_compiler
from policies.language.conditions.values import ABSENT, ContextValue
from policies.language.json_reader import JsonValue
from policies.targets import Target

_MEMBERS: Final = frozenset({"targets", "report_on", "policy_type", "assume", "residual_actions"})
_ASSUME: Final = frozenset({"context", "principal_kinds", "partition"})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare `--actions`, and describe the command."""
    parser.description = (
        "Show what each target's policies leave possible at most: how many actions always, how "
        "many under conditions, how many never, by service and by level. Reads one JSON object "
        "from standard input and writes one."
    )
    parser.add_argument(
        "--actions", action="store_true", help="list the conditional and the impossible actions"
    )
    parser.epilog = (
        'Input:\n  {"targets": [targets], "report_on": [target ids, default all],\n'
        '   "policy_type": "SERVICE_CONTROL_POLICY" (default) or "RESOURCE_CONTROL_POLICY",\n'
        '   "assume": {"context": {key: value, list of values, or null for absent},\n'
        '              "principal_kinds": some of root, user, role, federated-user,\n'
        '              "partition": default aws},\n'
        '   "residual_actions": [actions whose deciding statements to list]}\n' + TARGETS_HELP
    )


def run(arguments: argparse.Namespace, streams: Streams) -> int:
    """Answer for every target that is asked for.

    :raises BadInput: see `read_object`, `TreeReader.read`; or an unknown target or action.
    """
    given = read_object(streams.input)
    refuse_unknown(given, _MEMBERS, "the input")
    compiler, policy_type = default_compiler(), policy_type_of(given)
    catalogue = compiler.catalogue
    tree = TreeReader(compiler, policy_type).read(
        member(given, "targets", "the input"), '"targets"'
    )
    maker = CeilingMaker(catalogue, _assumptions(given), policy_type)
    asked = target_ids(given, "report_on")
    actions: list[tuple[str, int]] = []
    for action in target_ids(given, "residual_actions") or ():
        index = catalogue.index_of.get(action.lower())
        if index is None:
            raise BadInput(f"{action} is not in the catalogue of actions")
        actions.append((catalogue.names[index], index))
    ceilings = maker.ceilings(tree)
    answer: dict[str, object] = {}
    for target_id in list(tree.by_id) if asked is None else asked:
        if target_id not in ceilings:
            raise BadInput(f"target {target_id} is not among the targets")
        written = _ceiling(ceilings[target_id], tree.path(target_id), maker, arguments.actions)
        if actions:
            path = tree.path(target_id)
            written["residual"] = {
                name: _residual(residual(path, maker, index)) for name, index in actions
            }
        answer[target_id] = written
    whole = {
        "targets": answer,
        "assumed": maker.assumptions.in_words(),
        "catalogue": catalogue.version,
    }
    streams.output.write(json.dumps(whole, ensure_ascii=False) + "\n")
    return 0


def _assumptions(given: dict[str, JsonValue]) -> Assumptions:
    if "assume" not in given:
        return Assumptions()
    assume = as_object(given["assume"], '"assume"')
    refuse_unknown(assume, _ASSUME, '"assume"')
    values: dict[str, ContextValue] = {}
    for key, value in as_object(assume.get("context", {}), '"context"').items():
        values[key.lower()] = _value(value, key)
    kinds = target_ids(assume, "principal_kinds")
    partition = as_text(assume.get("partition", "aws"), '"partition"')
    try:
        return Assumptions(values, None if kinds is None else tuple(kinds), partition)
    except BadAssumption as error:
        raise BadInput(str(error)) from error


def _value(value: JsonValue, key: str) -> ContextValue:
    if value is None:
        return ABSENT
    if isinstance(value, list):
        return tuple(as_text(item, f"a value of {key}") for item in as_list(value, key))
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else as_text(value, f"the value of {key}")


def _ceiling(
    ceiling: Ceiling, path: tuple[Target, ...], maker: CeilingMaker, with_actions: bool
) -> dict[str, object]:
    catalogue = maker.catalogue
    written: dict[str, object] = {
        "always": ceiling.always.bit_count(),
        "conditional": ceiling.conditional.bit_count(),
        "never": len(catalogue) - ceiling.possible.bit_count(),
        "services": {
            service: {"always": always, "conditional": depends, "never": never}
            for service, (always, depends, never) in ceiling.counts(catalogue).items()
        },
        "levels": [
            {
                "target_id": effect.target_id,
                "removed": effect.removed.bit_count(),
                "made_conditional": effect.made_conditional.bit_count(),
                "left": effect.left.bit_count(),
            }
            for effect in level_effects(path, maker)
        ],
    }
    if with_actions:
        written["conditional_actions"] = catalogue.actions(ceiling.conditional)
        written["never_actions"] = catalogue.actions(catalogue.all_bits & ~ceiling.possible)
    return written


def _residual(found: Residual) -> dict[str, object]:
    return {
        "outcome": found.outcome,
        "depends_on": list(found.depends_on),
        "not_allowed_at": list(found.not_allowed_at),
        "statements": [
            {
                "target_id": item.target_id,
                "effect": item.statement.effect.value,
                "actions" if not item.statement.not_action else "not_actions": list(
                    item.statement.action_patterns
                ),
                "resources" if not item.statement.not_resource else "not_resources": list(
                    item.statement.resources or ("*",)
                ),
                "conditions": [
                    {
                        "key": condition.key,
                        "operator": operator_of(condition),
                        "values": list(condition.values),
                    }
                    for condition in item.conditions
                ],
            }
            for item in found.deciding
        ],
    }
