"""`trust`: JSON lines in, one JSON line out for each, in order."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from typing import Final

from policies.cli.json_input import BadInput, as_list, as_object, as_text, member, refuse_unknown
from policies.cli.question import decode_value, read_levels
from policies.cli.streams import Streams
from policies.evaluation.policy_set import TargetPolicies
from policies.language.json_reader import JsonValue, NumberText
from policies.language.parse import parse_decoded_policy, parse_policy
from policies.language.policy_types import PolicyType
from policies.trust.as_json import edge_as_json, finding_as_json
from policies.trust.findings.registry import in_order, policy_findings
from policies.trust.findings.unreadable_policy import unclear_policy, unreadable_policy
from policies.trust.question import Levels, TrustedResource, TrustOrganization, TrustQuestion
from policies.trust.reading import trust_edges

_SCPS: Final = "service_control_policies"
_RCPS: Final = "resource_control_policies"
_MEMBERS: Final = frozenset({"policy", "resource", "organization", _SCPS, _RCPS})
_ORGANIZATION: Final = frozenset({"id", "management_account_id", "accounts"})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command; it takes no arguments."""
    parser.description = (
        "Read whom a policy gives access to a role or resource. Reads one policy per line from "
        "standard input and writes one line for each, in order. A line that cannot be read gives "
        "an error for that line alone."
    )
    parser.epilog = (
        "A line:\n"
        '  {"policy": a JSON object, or its text in quotes,\n'
        '   "resource": {"arn": what the policy stands on, "account_id": 12 digits},\n'
        '   "organization": {"id": "o-...", "management_account_id": 12 digits,\n'
        '                    "accounts": {account: "o-.../r-.../ou-.../"}},\n'
        '   "service_control_policies": {account: [levels as in evaluate, root first]}, the\n'
        "                               callers' accounts; one without levels is undecided;\n"
        '   "resource_control_policies": [levels of the resource\'s account, root first]}\n'
        "Everything but policy and resource may be left out.\n"
        "An answer:\n"
        '  {"edges": [{"statement", "sid", "principal": {"kind", "id", "account_id", "provider",\n'
        '              "tenant"}, "actions", "crossing", "guards", "blocked_by", "undecided",\n'
        '              "witness": a request of evaluate that passes}],\n'
        '   "findings": [{"code", "severity", "statement", "message", "remedy"}]}\n'
        '  with "undecided" where the policy cannot be read or AWS would refuse it;\n'
        '  or {"error": "what is wrong"}\n'
    )


def run(arguments: argparse.Namespace, streams: Streams) -> int:
    """Answer every line; a line's fault is that line's answer."""
    write, flush = streams.output.write, streams.output.flush
    for line in streams.input:
        write(json.dumps(_answer(line), ensure_ascii=False) + "\n")
        flush()
    return 0


def _answer(line: bytes) -> dict[str, JsonValue]:
    try:
        return trust_answer(line.decode())
    except BadInput as error:
        return {"error": str(error)}
    except UnicodeDecodeError as error:
        return {"error": f"byte {error.start + 1} is not UTF-8"}


def trust_answer(text: str) -> dict[str, JsonValue]:
    """Answer one line.

    :raises BadInput: it asks nothing; the message says what is wrong.
    """
    value = as_object(decode_value(text), "a line")
    refuse_unknown(value, _MEMBERS, "a line")
    resource = _resource(member(value, "resource", "a line"))
    organization = _organization(value.get("organization"))
    service_control = _chains(value.get(_SCPS))
    resource_control = read_levels(value.get(_RCPS), _RCPS)
    is_role = ":iam::" in resource.arn and ":role/" in resource.arn
    policy_type = PolicyType.TRUST_POLICY if is_role else PolicyType.RESOURCE_POLICY
    written = member(value, "policy", "a line")
    if isinstance(written, str) and not isinstance(written, NumberText):
        parsed = parse_policy(str(written), policy_type)
    else:
        parsed = parse_decoded_policy(as_object(written, '"policy"'), policy_type)
    if parsed.document is None:
        error = parsed.errors[0]
        where = f" at {error.path}" if error.path else ""
        message = f"The policy cannot be read{where}: {error.message}"
        finding = unreadable_policy(message)
        return {"edges": [], "findings": [finding_as_json(finding)], "undecided": [message]}
    question = TrustQuestion(
        parsed.document,
        policy_type,
        resource,
        organization,
        service_control,
        resource_control,
    )
    edges = trust_edges(question)
    unclear = tuple(unclear_policy(parsed.errors))
    findings = in_order((*policy_findings(question, edges), *unclear))
    answer: dict[str, JsonValue] = {
        "edges": [edge_as_json(edge) for edge in edges],
        "findings": [finding_as_json(finding) for finding in findings],
    }
    if unclear:
        answer["undecided"] = [finding.message for finding in unclear]
    return answer


def _resource(value: JsonValue) -> TrustedResource:
    given = as_object(value, '"resource"')
    refuse_unknown(given, frozenset({"arn", "account_id"}), '"resource"')
    arn = as_text(member(given, "arn", '"resource"'), '"resource"\'s "arn"')
    account = as_text(member(given, "account_id", '"resource"'), '"resource"\'s "account_id"')
    return TrustedResource(str(arn), _account(account, '"resource"\'s "account_id"'))


def _account(text: str, what: str) -> str:
    if len(text) != 12 or not text.isdecimal() or not text.isascii():
        raise BadInput(f"{what} must be 12 digits in quotes, not {text!r}")
    return str(text)


def _organization(value: JsonValue) -> TrustOrganization | None:
    if value is None:
        return None
    given = as_object(value, '"organization"')
    refuse_unknown(given, _ORGANIZATION, '"organization"')
    management = _optional(given, "management_account_id")
    accounts = given.get("accounts")
    listed = {} if accounts is None else as_object(accounts, '"accounts"')
    return TrustOrganization(
        _optional(given, "id"),
        None if management is None else _account(management, '"management_account_id"'),
        {
            _account(account, 'a name in "accounts"'): _path(path, f"the path of {account}")
            for account, path in listed.items()
        },
    )


def _path(value: JsonValue, what: str) -> str:
    return "" if value is None else str(as_text(value, what))


def _optional(given: dict[str, JsonValue], name: str) -> str | None:
    value = given.get(name)
    return None if value is None else str(as_text(value, f'"organization"\'s "{name}"'))


def _chains(value: JsonValue) -> Mapping[str, Levels]:
    """Read the levels of each caller's account; equal levels are one object."""
    if value is None:
        return {}
    found: dict[str, Levels] = {}
    known: dict[str, TargetPolicies] = {}
    for account, levels in as_object(value, f'"{_SCPS}"').items():
        if levels is None:
            continue
        chain = []
        for level in as_list(levels, f'"{_SCPS}"\'s "{account}"'):
            text = json.dumps(level)
            if text not in known:
                known[text] = _level(level)
            chain.append(known[text])
        found[_account(account, f'a name in "{_SCPS}"')] = tuple(chain)
    return found


def _level(value: JsonValue) -> TargetPolicies:
    (level,) = read_levels([value], _SCPS) or ()
    return level
