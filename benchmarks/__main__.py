"""`make bench`: run every measurement and print its tables; `make bench ONLY=inventory` chooses.

A benchmark is a module here with a function `run()`, which prints tables of `benchmarks.tables`,
and says so and goes on where data it needs is absent.
"""

from __future__ import annotations

import sys
from importlib import import_module

BENCHMARKS = (
    "benchmarks.audit",
    "benchmarks.change_evidence",
    "benchmarks.change_queue",
    "benchmarks.cloudtrail",
    "benchmarks.coverage",
    "benchmarks.drift",
    "benchmarks.findings_inbox",
    "benchmarks.guardrail_matrix",
    "benchmarks.guardrails",
    "benchmarks.inventory",
    "benchmarks.load",
    "benchmarks.log_messages",
    "benchmarks.log_storage",
    "benchmarks.pages",
    "benchmarks.policies_evaluation",
    "benchmarks.policies_ceiling",
    "benchmarks.policies_comparison",
    "benchmarks.policies_lint_pack",
    "benchmarks.ready",
    "benchmarks.rollout",
    "benchmarks.simulator",
    "benchmarks.trust_edges",
    "benchmarks.trust_paths",
    "benchmarks.usage_pages",
    "benchmarks.usage_replay",
    "benchmarks.who_can",
)


def main(chosen: list[str]) -> int:
    """Run the benchmarks whose names hold one of `chosen`, or all; 1 if there is none."""
    names = [name for name in BENCHMARKS if not chosen or any(word in name for word in chosen)]
    if not names:
        print(f"no benchmark is called {' or '.join(chosen)}; there are: {', '.join(BENCHMARKS)}")
        return 1
    for name in names:
        import_module(name).run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
