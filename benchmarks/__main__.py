"""`make bench`: run every measurement and print its tables; names as arguments choose."""

from __future__ import annotations

import sys
from importlib import import_module

BENCHMARKS = (
    "benchmarks.policies_evaluation",
    "benchmarks.policies_lint_pack",
)


def main(chosen: list[str]) -> int:
    """Run the benchmarks whose names hold one of `chosen`, or all."""
    for name in BENCHMARKS:
        if not chosen or any(word in name for word in chosen):
            import_module(name).run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
