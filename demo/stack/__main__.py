"""`make demo`: everything on this machine, until Ctrl-C."""

import argparse
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from demo import identity_provider
from demo.stack.ports import LOOPBACK
from demo.stack.postgres import PostgresFailed
from demo.stack.process_group import StopRequested
from demo.stack.processes import NotReady, ProcessDied
from demo.stack.state import (
    DEFAULT_FOLDER,
    ROOT,
    AlreadyRunning,
    MadeByAnotherVersion,
    State,
    migration_names,
)
from demo.stack.supervisor import Stack
from demo.stack.valkey import ValkeyMissing


@contextmanager
def stopped_by_signals(stopping: threading.Event) -> Iterator[None]:
    """Have Ctrl-C, SIGTERM and a closed terminal ask for a stop, once."""

    def ask(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, ask) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _show_logins(stack: Stack) -> None:
    stack.say("")
    stack.say(f"Orgwarden is at {stack.address}")
    stack.say("Sign in as one of:")
    for name, password in stack.people().items():
        stack.say(f"  {name:<14} {password}")
    stack.say(f'Or choose "Sign in with {identity_provider.NAME}": it asks for no password.')
    stack.say(f"Everything stays on this machine ({LOOPBACK}); Ctrl-C stops it.")
    stack.say("")


def main(arguments: list[str]) -> int:
    """Run the stack until asked to stop; 0 if it was, 1 if something went wrong."""
    parser = argparse.ArgumentParser(prog="python -m demo.stack", description=__doc__)
    parser.add_argument(
        "--organization",
        type=Path,
        default=ROOT / "demo" / "organization",
        help="organization file or folder that the simulator loads",
    )
    parser.add_argument("--state", type=Path, default=DEFAULT_FOLDER, help="where data is kept")
    options = parser.parse_args(arguments)
    if not options.organization.exists():
        parser.error(f"there is no organization file at {options.organization}")
    try:
        state = State(options.state)
        state.check_migrations(migration_names())
    except (AlreadyRunning, MadeByAnotherVersion) as problem:
        print(problem, file=sys.stderr)
        return 1
    stack = Stack(state, organization=options.organization.resolve(), terminal=sys.stdout)
    code = 0
    with stopped_by_signals(stack.stopping):
        try:
            stack.start()
            _show_logins(stack)
            stack.watch()
        except StopRequested:
            pass
        except (ProcessDied, NotReady, PostgresFailed, ValkeyMissing) as problem:
            stack.say(f"{problem}")
            code = 1
        finally:
            stack.say("stopping")
            for name in stack.stop():
                stack.say(f"{name} did not stop in time and was killed")
            state.close()
            stack.say("stopped")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
