"""Real policies of others, kept beside the repository. Tests that read them skip without them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

DIRECTORY = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def shared_files(pattern: str) -> list[Path]:
    """Return the files that match, or skip the test where there is no such folder."""
    if not DIRECTORY.is_dir():
        pytest.skip(f"no real policies: {DIRECTORY} is absent")
    return sorted(DIRECTORY.glob(pattern))


def aws_managed_policies() -> dict[str, str]:
    """Return the text of every AWS managed policy that moto ships, by name."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    policies = json.loads(aws_managed_policies_data)
    return {
        name: json.dumps(policy["Document"], separators=(",", ":"))
        for name, policy in policies.items()
    }
