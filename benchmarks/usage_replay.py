"""Replay of a change over the usage of 10 million events: 250,000 records of 2,000 accounts.

The whole command is measured, from its start to its last line, over a file of usage and the
reference organization with an edit of a policy at its root; and, in one process, the replay of
decoded records under each kind of edit.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.organizations import ORGANIZATION_ID, SERVICES, Edit, ReferenceOrganization
from benchmarks.tables import Figure, Row, Statistic, measured, print_figures, print_table
from policies.compiled import Compiler, default_compiler
from policies.evaluation.request import OrganizationIds
from policies.usage import UsageRecord, write_usage
from policies.usage.replay import ControlTrees, replay_usage

RECORDS = 250_000
EVENTS = 10_000_000
ACCOUNTS = 2_000
PLACES = 12
_UNKNOWN = ("aws:SourceVpce", "aws:MultiFactorAuthPresent", "aws:PrincipalTag/team")
_START = datetime(2026, 4, 1, tzinfo=UTC)
_REGION_LOCK: Mapping[str, Any] = {
    "Effect": "Deny",
    "NotAction": ["iam:*", "organizations:*", "sts:*", "support:*"],
    "Resource": "*",
    "Condition": {
        "StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]},
        "ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::*:role/platform/*"]},
    },
}
_BUCKETS: Mapping[str, Any] = {
    "Effect": "Deny",
    "Action": ["s3:Get*", "s3:Put*", "s3:Delete*"],
    "NotResource": ["arn:aws:s3:::data-1*", "arn:aws:s3:::data-2*/public/*"],
    "Condition": {"StringNotEqualsIfExists": {"aws:SourceVpce": "vpce-1"}},
}


def run() -> None:
    """Measure decoded records under each kind of edit, and the whole command under three drafts."""
    compiler = default_compiler()
    organization = ReferenceOrganization(compiler, words=5, accounts=ACCOUNTS)
    records = list(seeded_usage(compiler, organization))
    edits = organization.edits(24)
    print_table(
        f"Replay of {len(records):,} decoded records ({EVENTS:,} events) under an edit",
        [
            measured(
                "24 seeded edits",
                [_replayed(organization, edit, records) for edit in edits],
                3.0,
                Statistic.MAX,
            )
        ],
    )
    with tempfile.TemporaryDirectory() as folder:
        usage = Path(folder, "usage.jsonl")
        with usage.open("w", encoding="utf-8") as output:
            write_usage(records, output)
        del records
        for name, statement in (
            ("region lock at the root", _REGION_LOCK),
            ("data perimeter of buckets at the root", _BUCKETS),
            ("one action at the root", {"Effect": "Deny", "Action": "kms:List*", "Resource": "*"}),
        ):
            _print_command(name, organization, statement, usage)


def seeded_usage(compiler: Compiler, organization: ReferenceOrganization) -> Iterator[UsageRecord]:
    """Yield seeded records: few callers and actions of each account make most of them."""
    rng = random.Random("usage")
    catalogue = compiler.catalogue
    actions = [
        action
        for service in SERVICES
        for action in rng.sample(catalogue.actions(catalogue.service_bits(service)), 12)
    ]
    accounts = [target for target in organization.parents if target.isdecimal()]
    for number in range(RECORDS):
        account = rng.choice(accounts)
        action = rng.choice(actions)
        region = rng.choice(("eu-west-1", "eu-west-1", "eu-central-1", "us-east-1"))
        path = rng.choice(("", "", "platform/", "aws-service-role/x.amazonaws.com/"))
        principal = f"arn:aws:iam::{account}:role/{path}role-{rng.randrange(PLACES)}"
        at = _START + timedelta(hours=rng.randrange(24 * 90))
        yield UsageRecord(
            account_id=account,
            principal="cloudtrail.amazonaws.com" if number % 40 == 0 else principal,
            action=action,
            resource=_resource(rng, action, account, region),
            region=region,
            context={
                "aws:RequestedRegion": region,
                "aws:PrincipalArn": principal,
                "aws:PrincipalAccount": account,
                "aws:PrincipalType": "AssumedRole",
                "aws:SourceIp": f"10.0.{rng.randrange(4)}.{rng.randrange(8)}",
                "aws:SecureTransport": "true",
                "aws:ViaAWSService": "false",
            },
            unknown_context=_UNKNOWN,
            count=EVENTS // RECORDS,
            denied=0,
            first_at=at,
            last_at=at + timedelta(minutes=30),
        )


def _resource(rng: random.Random, action: str, account: str, region: str) -> str:
    service = action.partition(":")[0]
    if service == "s3":
        return f"arn:aws:s3:::data-{rng.randrange(400)}/*"
    if rng.random() < 0.3:
        return "*"
    return f"arn:aws:{service}:{region}:{account}:thing/{rng.randrange(20)}"


def _replayed(
    organization: ReferenceOrganization, edit: Edit, records: list[UsageRecord]
) -> Callable[[], object]:
    before, after = ControlTrees(organization.tree), ControlTrees(edit.after)
    ids = OrganizationIds(ORGANIZATION_ID, None)
    return lambda: replay_usage(before, after, records, ids)


def _print_command(
    name: str, organization: ReferenceOrganization, statement: Mapping[str, Any], usage: Path
) -> None:
    targets = [
        {
            "target_id": target_id,
            "parent_id": parent_id,
            "policies": [organization.policies[at] for at in organization.attached[target_id]],
        }
        for target_id, parent_id in organization.parents.items()
    ]
    draft = {"Version": "2012-10-17", "Statement": [statement]}
    root = {**targets[0], "policies": [*organization.policies[:1], draft]}
    given = {"before": targets, "after": [root, *targets[1:]]}
    output = usage.with_name("answer.json")
    source = usage.with_name("input.json")
    source.write_text(json.dumps({**given, "organization": {"id": ORGANIZATION_ID}}))
    megabytes: list[float] = []

    def command() -> None:
        with source.open("rb") as standard_input, output.open("wb") as standard_output:
            process = subprocess.Popen(
                [sys.executable, "-m", "policies", "replay", "--usage", str(usage)],
                stdin=standard_input,
                stdout=standard_output,
            )
            # Its memory is told by the system when it ends; afterwards nobody can ask for it.
            _, status, use = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            megabytes.append(use.ru_maxrss / 1024)
        if process.returncode:
            raise RuntimeError(f"the command failed with {process.returncode}")

    row: Row = measured(f"{name}, whole command", [command], 3.0)
    answer = json.loads(output.read_text())
    print_table(f"Replay over {RECORDS:,} records: {name}", [row])
    print_figures(
        "Found, and what it took",
        [
            *(Figure(kind, len(answer[kind])) for kind in ("revoked", "gained", "maybe")),
            Figure("unchanged", answer["unchanged"]),
            Figure("memory at its peak, MB", round(megabytes[0]), 500),
        ],
    )
