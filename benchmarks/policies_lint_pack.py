"""Lint of every real policy at hand, and what packing saves; no target, whole tables."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from moto.iam.aws_managed_policies import aws_managed_policies_data

from benchmarks.calibration import calibration_seconds
from benchmarks.tables import in_loops
from policies import PolicyType
from policies.lint import lint_policy
from policies.packing import CannotPack, PackSettings, pack_policies

SHARED = Path(__file__).resolve().parents[1].parent / "shared" / "data"
EVERY = 10
"""Of AWS's managed policies each tenth is packed."""


def run() -> None:
    """Print both tables."""
    sets = dict(_sets())
    loop = calibration_seconds()
    print(f"Lint (ms a policy)\ncalibration loop: {loop * 1e3:.1f} ms")
    print(
        f"{'policies':<28}{'count':>7}{'median':>9}{'p95':>9}{'max':>9}{'in loops: p95':>15}"
        f"{'findings':>10}"
    )
    for name, (policy_type, texts) in sets.items():
        times, findings = [], 0
        for text in texts:
            start = perf_counter()
            findings += len(lint_policy(text, policy_type).findings)
            times.append((perf_counter() - start) * 1e3)
        times.sort()
        spread = (times[len(times) // 2], times[int(len(times) * 0.95)], times[-1])
        columns = "".join(f"{value:>9.2f}" for value in spread)
        loops = in_loops(spread[1] / 1e3, loop)
        print(f"{name:<28}{len(texts):>7}{columns}{loops:>15}{findings:>10}")
    print("\nPack")
    print(
        f"{'policies':<28}{'packed':>7}{'refused':>8}"
        f"{'before':>10}{'after':>10}{'ratio':>7}{'max s':>8}{'in loops':>9}"
    )
    for name, (policy_type, texts) in sets.items():
        for exact in (True, False):
            _pack(f"{name}{', exact' if exact else ''}", policy_type, texts, loop, exact=exact)


def _pack(
    name: str, policy_type: PolicyType, texts: list[str], loop: float, *, exact: bool
) -> None:
    before = after = packed = 0
    longest = 0.0
    for text in texts[::EVERY] if policy_type is PolicyType.IDENTITY_POLICY else texts:
        start = perf_counter()
        try:
            found = pack_policies([text], policy_type, settings=PackSettings(exact=exact))
        except CannotPack:
            continue
        longest = max(longest, perf_counter() - start)
        packed += 1
        before += found.characters_before
        after += found.characters_after
    tried = len(texts[::EVERY]) if policy_type is PolicyType.IDENTITY_POLICY else len(texts)
    ratio = after / before if before else 1.0
    print(
        f"{name:<28}{packed:>7}{tried - packed:>8}"
        f"{before:>10}{after:>10}{ratio:>7.2f}{longest:>8.2f}"
        f"{in_loops(longest, loop):>9}"
    )


def _sets() -> Iterator[tuple[str, tuple[PolicyType, list[str]]]]:
    managed = json.loads(aws_managed_policies_data).values()
    texts = [json.dumps(policy["Document"], separators=(",", ":")) for policy in managed]
    yield "AWS managed", (PolicyType.IDENTITY_POLICY, texts)
    for name, pattern, policy_type in (
        ("shared SCPs", "scp-*/**/*.json", PolicyType.SERVICE_CONTROL_POLICY),
        ("shared RCPs", "rcp-*/**/*.json", PolicyType.RESOURCE_CONTROL_POLICY),
    ):
        found = [path.read_text("utf-8", "replace") for path in sorted(SHARED.glob(pattern))]
        if found:
            yield name, (policy_type, found)
        else:
            print(f"{name}: skipped, {SHARED} has none")


if __name__ == "__main__":
    run()
