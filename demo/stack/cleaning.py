"""Removes what the stack keeps, for `make clean`."""

import shutil
import sys

from demo.stack.processes import stop_leftovers
from demo.stack.state import DEFAULT_FOLDER, AlreadyRunning, State


def main() -> int:
    """Remove the state folder, whoever owns its files; 1 if that cannot be done."""
    if not DEFAULT_FOLDER.exists():
        return 0
    try:
        state = State(DEFAULT_FOLDER)
        stop_leftovers(state.records)
        shutil.rmtree(DEFAULT_FOLDER)
    except AlreadyRunning as problem:
        print(f"{problem}; stop it first", file=sys.stderr)
        return 1
    except PermissionError as problem:
        print(f"{problem.filename} is someone else's: run make clean as them or as root")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
