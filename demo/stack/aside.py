"""A stack beside the demo's: in a folder of its own, on free ports."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from demo.stack.__main__ import stopped_by_signals
from demo.stack.process_group import StopRequested
from demo.stack.processes import NotReady
from demo.stack.state import ROOT, State
from demo.stack.supervisor import AWS_RATE_FACTOR, Stack

DEMO_ORGANIZATION: Final = ROOT / "demo" / "organization"


@contextmanager
def running_stack(
    folder: Path,
    *,
    organization: Path = DEMO_ORGANIZATION,
    first_inventory_seconds: float = 300,
    acts_seconds: float = 600,
    rate_factor: int = AWS_RATE_FACTOR,
    reads_first: bool = True,
) -> Iterator[Stack]:
    """Run a stack over `folder`, its log in `folder`/log; yield once its people have acted.

    `first_inventory_seconds`: from the start to the end of the first inventory, at most;
    `acts_seconds`: from there until the demo's people have done what they do. `rate_factor`: of
    AWS's request rates. `reads_first`: without it nothing is connected, read or done by people.
    :raises ProcessDied: a process ended.
    :raises NotReady: a process or the inventory takes too long, or one had to be killed.
    :raises StopRequested: a signal asked for a stop.
    """
    state = State(folder)
    with (folder / "log").open("w", encoding="utf-8") as log:
        stack = Stack(
            state,
            organization=organization,
            terminal=log,
            rate_factor=rate_factor,
            reads_first=reads_first,
        )
        with stopped_by_signals(stack.stopping):
            try:
                began = time.monotonic()
                stack.start()
                started = time.monotonic()
                print(f"started in {started - began:.1f} s", flush=True)
                if reads_first:
                    ends = began + first_inventory_seconds
                    _wait(stack, stack.first_inventory_is_over, "the first inventory", ends)
                    ended = time.monotonic()
                    print(f"first inventory ended {ended - started:.1f} s later", flush=True)
                    ends = ended + acts_seconds
                    _wait(stack, stack.people_have_acted, "what the demo's people do", ends)
                    seconds = time.monotonic() - ended
                    print(f"the demo's people were done {seconds:.1f} s later", flush=True)
                yield stack
                stack.check()
            finally:
                killed = stack.stop()
                state.close()
    if killed:
        raise NotReady(f"did not stop in time and had to be killed: {', '.join(killed)}")


def _wait(stack: Stack, done: Callable[[], bool], what: str, deadline: float) -> None:
    """Wait until something is done, at most until `deadline` by the monotonic clock."""
    began = time.monotonic()
    while not done():
        stack.check()
        if stack.stopping.wait(0.2):
            raise StopRequested
        if time.monotonic() > deadline:
            raise NotReady(f"{what} goes on after {time.monotonic() - began:.0f} s")
