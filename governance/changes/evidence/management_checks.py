"""What AWS refuses of the texts of management policies that a change writes."""

from collections.abc import Iterator, Sequence
from datetime import date

from governance.changes.evidence.findings import CheckFinding, CheckLevel
from governance.edits.operations import Operation, OperationKind
from inventory.policy_types import MANAGEMENT_POLICY_TYPES
from policies import PolicyType
from policies.lint import LintSettings, LintSeverity, lint_policy

_WRITING = (OperationKind.UPDATE_POLICY, OperationKind.CREATE_POLICY)


def management_lint(
    operations: Sequence[Operation], types: dict[str, str], *, today: date
) -> Iterator[CheckFinding]:
    """Yield the errors and warnings of the last text of each management policy.

    `types`: of management policies by id.
    """
    known = dict(types)
    final: dict[str, int] = {}
    for number, operation in enumerate(operations):
        if operation.kind in _WRITING:
            known.setdefault(operation.policy_id, operation.policy_type)
            if known[operation.policy_id] in MANAGEMENT_POLICY_TYPES:
                final[operation.policy_id] = number
    for policy_id, number in final.items():
        report = lint_policy(
            operations[number].text,
            PolicyType(known[policy_id]),
            settings=LintSettings(limits_on=today),
        )
        for one in report.findings:
            if one.severity is not LintSeverity.NOTE:
                refused = one.severity is LintSeverity.ERROR
                yield CheckFinding(
                    "policy_refused" if refused else "lint",
                    CheckLevel.HARD if refused else CheckLevel.ADVISORY,
                    one.message,
                    operation=number,
                    line=one.line,
                    policy_id=policy_id,
                )
