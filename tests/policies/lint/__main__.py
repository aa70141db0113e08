"""`python -m tests.policies.lint CODE`: print what a rule finds in every real policy at hand."""

import sys

from policies import PolicyType
from policies.lint import lint_policy
from tests.policies.lint.test_lint import shared_policies
from tests.policies.shared_data import DIRECTORY, aws_managed_policies


def main(code: str) -> None:
    """Write severity, policy and message of each finding with a code."""
    managed = (
        (name, PolicyType.IDENTITY_POLICY, text) for name, text in aws_managed_policies().items()
    )
    # Real policies of others are not part of the repository.
    of_others = shared_policies() if DIRECTORY.is_dir() else ()
    for name, policy_type, text in (*managed, *of_others):
        for finding in lint_policy(text, policy_type).findings:
            if finding.code == code:
                sys.stdout.write(f"{finding.severity.value}  {name}  {finding.message}\n")


if __name__ == "__main__":
    main(sys.argv[1])
