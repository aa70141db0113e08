"""Comparison of one edit of the reference organization, and of real SCPs with their next version.

Witnesses are confirmed and differences worded, for every account. What is measured begins with the
compiled organization.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path

from benchmarks.organizations import (
    FULL,
    ORGANIZATION_ID,
    Edit,
    ReferenceOrganization,
    ReferenceResourceControls,
)
from benchmarks.tables import Figure, Row, Statistic, measured, print_figures, print_table
from policies.comparison import Comparison, compare
from policies.compiled import Compiler, default_compiler
from policies.evaluation.request import OrganizationIds
from policies.language.document import PolicyDocument
from policies.language.parse import parse_decoded_policy, parse_policy
from policies.language.policy_types import PolicyType
from policies.targets import Target, TargetTree

SCP = PolicyType.SERVICE_CONTROL_POLICY
DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data"
ACCOUNT_ID = "123456789012"


def run() -> None:
    """Measure the reference organization with SCPs, with RCPs, with 500 accounts; real SCPs."""
    compiler = default_compiler()
    rows: list[Row] = []
    unchanged: list[float] = []
    undecided: list[Figure] = []
    scps, rcps = ReferenceOrganization, ReferenceResourceControls
    for made, words, accounts, p95, most in (
        (scps, 0, 10_000, 0.5, 1.5),
        (scps, 5, 10_000, 0.5, 1.5),
        (scps, 16, 10_000, 5.0, 5.0),
        (scps, 5, 500, 0.1, 0.4),
        (rcps, 5, 10_000, 0.5, 1.5),
        (rcps, 5, 500, 0.1, 0.4),
    ):
        organization = made(compiler, words=words, accounts=accounts)
        edits, answers = organization.edits(), list[Comparison]()
        kind = "RCPs, " if made is rcps else ""
        name = f"{kind}{accounts:,} accounts, {words} of 80 role patterns *word*"
        row = measured(
            name,
            [_asked(organization, edit, compiler, answers) for edit in edits],
            p95,
            Statistic.P95,
        )
        rows += [row, replace(row, name=f"{name}, the slowest", target=most, of=Statistic.MAX)]
        if accounts == 10_000 and made is scps:
            unchanged += [
                seconds
                for seconds, answer in zip(row.seconds, answers, strict=True)
                if answer.is_unchanged
            ]
        shown = [found for answer in answers for found in answer.targets.values()]
        open_boxes = {box for found in shown for box in found.undecided}
        undecided.append(Figure(f"{name}: distinct boxes undecided", len(open_boxes)))
    rows.append(Row("unchanged everywhere, of all those with 10,000", tuple(unchanged), 0.1))
    print_table("Comparison of one edit (72 seeded edits)", rows)
    print_figures("Undecided, each with its reason", undecided)
    series = _real_series(compiler)
    if series:
        print_table(
            "One real SCP against its next version, or without one of its statements",
            [measured(f"{len(series)} pairs", series, 15e-3, Statistic.P95)],
        )
    else:
        print(f"\nNo real SCPs: {DATA} is absent")


def _asked(
    organization: ReferenceOrganization,
    edit: Edit,
    compiler: Compiler,
    answers: list[Comparison],
) -> Callable[[], object]:
    accounts = [target.target_id for target in edit.after.by_id.values() if target.is_account]

    def ask() -> None:
        answers.append(
            compare(
                organization.tree,
                edit.after,
                compiler=compiler,
                report_on=accounts,
                policy_type=organization.policy_type,
                organization=OrganizationIds(ORGANIZATION_ID, None),
            )
        )

    return ask


def _compared(compiler: Compiler, before: TargetTree, after: TargetTree) -> Comparison:
    return compare(before, after, compiler=compiler)


def _real_series(compiler: Compiler) -> list[Callable[[], object]]:
    """Return comparisons of real SCPs: each version with the next, and with a statement removed."""
    full = parse_decoded_policy(FULL, SCP).document
    if full is None:
        raise ValueError("FullAWSAccess is a policy")
    versions: dict[str, list[PolicyDocument]] = {}
    for path in sorted(DATA.glob("scp-*/**/*.json")):
        document = parse_policy(path.read_text("utf-8", "replace"), SCP).document
        if document is not None:
            # The series has files named after version and policy: 0.0.3__All-AllowList-SCP.json.
            name = path.name.partition("__")[2] or path.as_posix()
            versions.setdefault(name, []).append(document)
    pairs: list[tuple[PolicyDocument, PolicyDocument]] = []
    for series in versions.values():
        pairs += pairwise(series)
        whole = series[-1]
        pairs += [
            (whole, replace(whole, statements=whole.statements[:at] + whole.statements[at + 1 :]))
            for at in range(len(whole.statements))
        ]
    account = Target(ACCOUNT_ID, "r-1", compiler.level([full]))
    return [
        partial(
            _compared,
            compiler,
            *(
                TargetTree([Target("r-1", None, compiler.level([full, document])), account])
                for document in pair
            ),
        )
        for pair in pairs
    ]


if __name__ == "__main__":
    run()
