"""How long one decision takes: warm, first on an action, traced, as a JSON line; and 20,000 roles.

Warm rows decide the 2,000 actions in rounds; a time is a round's divided by its decisions. The
other rows time each call by itself.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from random import Random

from benchmarks.tables import Row, measured, print_table, verdict
from benchmarks.workloads import (
    ACCOUNT_ID,
    IDENTITY_POLICIES,
    ORGANIZATION,
    PRINCIPAL,
    actions,
    context,
    managed_policies,
    managed_policy,
    parsed,
    policy_set,
    requests,
    service_control_policies,
)
from policies.cli.evaluate import answer_line
from policies.cli.question import QuestionReader
from policies.evaluation.evaluate import Evaluator
from policies.evaluation.principals import Candidate, allowed_principals
from policies.evaluation.request import Request, make_request
from policies.language.policy_types import PolicyType

_ROUNDS = 60
_CATALOGUE = """
import time
from pathlib import Path
import policies.catalogue as module
def resident():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024
before = resident()
start = time.perf_counter()
catalogue = module.load_catalogue()
seconds = time.perf_counter() - start
print(seconds, resident() - before)
"""


def run() -> None:
    """Measure, and print the tables."""
    names = actions()
    rows = []
    for name in IDENTITY_POLICIES:
        evaluator = Evaluator(policy_set([managed_policy(name)]))
        rows.append(_warm(f"{name}, warm", evaluator, requests(names, vary=False), 2e-6))
        varied = requests(names, vary=True)
        rows.append(_warm(f"{name}, contexts that change", evaluator, varied, 5e-6))
        unknown = requests(names, vary=True, unknown=["aws:MultiFactorAuthPresent"])
        rows.append(_warm(f"{name}, an unknown key", evaluator, unknown, 5e-6))
    print_table("One decision", rows)
    rows = []
    for name in IDENTITY_POLICIES:
        rows += _single_calls(name, names)
    print_table("First, traced, as a JSON line", rows)
    _print_catalogue()
    print_table("Which of 20,000 roles may do one action on one resource", [_roles()])


def _warm(name: str, evaluator: Evaluator, asked: Sequence[Request], target: float) -> Row:
    evaluate = evaluator.evaluate

    def decide_all() -> None:
        for request in asked:
            evaluate(request)

    decide_all()
    row = measured(name, [decide_all] * _ROUNDS, target)
    return Row(
        name,
        tuple(seconds / len(asked) for seconds in row.seconds),
        target,
        processor=tuple(seconds / len(asked) for seconds in row.processor),
    )


def _single_calls(name: str, names: Sequence[str]) -> list[Row]:
    asked = requests(names, vary=True)
    evaluator = Evaluator(policy_set([managed_policy(name)]))
    evaluator.caller(asked[0].principal, ACCOUNT_ID)
    first = measured(f"{name}, first on an action", _calls(evaluator.evaluate, asked), 20e-6)
    for request in asked:
        evaluator.explain(request)
    traced = measured(f"{name}, with its trace", _calls(evaluator.explain, asked), 25e-6)
    lines = [_line(name, action, number) for number, action in enumerate(names)]
    reader = QuestionReader()
    for line in lines:
        answer_line(reader, line)
    answered = measured(
        f"{name}, a JSON line", [lambda line=line: answer_line(reader, line) for line in lines],  # type: ignore[misc]
        40e-6,
    )  # fmt: skip
    return [first, traced, answered]


def _calls(
    function: Callable[[Request], object], asked: Sequence[Request]
) -> list[Callable[[], object]]:
    return [lambda request=request: function(request) for request in asked]  # type: ignore[misc]


def _line(name: str, action: str, number: int) -> bytes:
    question = {
        "request": {
            "principal": PRINCIPAL,
            "action": action,
            "resource": "*",
            "resource_account_id": ACCOUNT_ID,
            "context": context(number),
        },
        "organization": ORGANIZATION,
        "service_control_policies": service_control_policies(),
        "identity_policies": [managed_policies()[name]],
    }
    return json.dumps(question).encode() + b"\n"


def _print_catalogue() -> None:
    """Load the catalogue from its cache in fresh processes, since memory is a process's."""
    times, sizes = [], []
    for _ in range(7):
        answer = subprocess.run(
            [sys.executable, "-c", _CATALOGUE], check=True, capture_output=True, text=True
        ).stdout.split()
        times.append(float(answer[0]))
        sizes.append(float(answer[1]))
    print_table("The catalogue from its cache", [Row("load", tuple(times), 50e-3)])
    print(f"memory: {max(sizes):.1f} MB at most, target 40 MB, {verdict(max(sizes), 40)}")


def _roles() -> Row:
    draw = Random(11)
    managed = [managed_policy(name) for name in managed_policies()]
    candidates = []
    for number in range(20_000):
        inline = parsed(
            {
                "Version": "2012-10-17",
                "Statement": {
                    "Effect": "Allow",
                    "Action": ["s3:GetObject", "s3:PutObject"],
                    "Resource": f"arn:aws:s3:::bucket-{number % 500}/*",
                },
            },
            PolicyType.IDENTITY_POLICY,
        )
        documents = (*draw.sample(managed, draw.randrange(1, 4)), inline)
        principal = f"arn:aws:iam::{ACCOUNT_ID}:role/team-{number % 97}/role-{number}"
        candidates.append(Candidate(principal, documents))
    shared = policy_set([])
    asked = make_request(
        PRINCIPAL,
        "s3:GetObject",
        "arn:aws:s3:::bucket-7/key",
        resource_account_id=ACCOUNT_ID,
        context=context(3),
    )
    return measured(
        "which of 20,000 roles, policies parsed",
        [lambda: allowed_principals(shared, candidates, asked)] * 5,
        0.3,
    )


if __name__ == "__main__":
    run()
