"""`pack`: the same meaning in fewer characters and fewer policies, with its proof."""

from __future__ import annotations

import argparse
import json
from typing import Final

from policies.cli.json_input import BadInput, read_object, refuse_unknown
from policies.cli.policy_input import read_count, read_day, read_policies, read_policy_type
from policies.cli.streams import Streams
from policies.packing import CannotPack, PackSettings, pack_policies

_KNOWN: Final = frozenset({"policy_type", "policies", "characters", "slots", "limits_on"})
_HELP: Final = """\
The input is one JSON object:
  policy_type  SERVICE_CONTROL_POLICY, IDENTITY_POLICY, ...
  policies     the policies of that type at one place: objects, or texts
  characters   room in one policy, instead of AWS's limit
  slots        how many policies the place takes, instead of AWS's limit
  limits_on    the day whose limits hold; else the latest known
The answer: {"policies": ["...", ...], "characters_before", "characters_after", "policies_before",
"policies_after", "new_wildcards": [...], "future_actions": text or null, "proof": {"is_equal",
"beyond_catalogue"}}. Without a proof that nothing changes there is no answer: exit status 2.
New wildcards match nothing else in today's catalogue, yet also what AWS adds later; --exact makes
none.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command and its arguments."""
    parser.description = "Pack policies. Reads a JSON object from standard input, writes one."
    parser.epilog = _HELP
    parser.add_argument(
        "--exact", action="store_true", help="make no new wildcard: later actions stay as decided"
    )
    parser.add_argument(
        "--keep-sids", action="store_true", help="keep the Sid of every statement that stays whole"
    )


def run(arguments: argparse.Namespace, streams: Streams) -> int:
    """Pack the policies on standard input.

    :raises BadInput: the input is not of its form, or nothing can be packed with a proof.
    """
    given = read_object(streams.input)
    refuse_unknown(given, _KNOWN, "the input")
    policy_type = read_policy_type(given)
    settings = PackSettings(
        exact=bool(arguments.exact),
        keep_sids=bool(arguments.keep_sids),
        characters=read_count(given, "characters"),
        slots=read_count(given, "slots"),
        limits_on=read_day(given, "limits_on"),
    )
    try:
        packed = pack_policies(read_policies(given, "policies"), policy_type, settings=settings)
    except CannotPack as error:
        raise BadInput(str(error)) from error
    answer = {
        "policies": packed.policies,
        "characters_before": packed.characters_before,
        "characters_after": packed.characters_after,
        "policies_before": packed.policies_before,
        "policies_after": packed.policies_after,
        "new_wildcards": packed.new_wildcards,
        "future_actions": packed.future_actions,
        "proof": {
            "is_equal": packed.proof.is_equal,
            "beyond_catalogue": packed.proof.beyond_catalogue,
        },
    }
    streams.output.write(json.dumps(answer, ensure_ascii=False) + "\n")
    return 0
