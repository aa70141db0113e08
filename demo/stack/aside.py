"""A stack beside the demo's: in a folder of its own, on free ports, up to its first inventory."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from demo.stack.__main__ import stopped_by_signals
from demo.stack.processes import NotReady
from demo.stack.state import ROOT, State
from demo.stack.supervisor import Stack, StopRequested

DEMO_ORGANIZATION: Final = ROOT / "demo" / "organization"


@contextmanager
def running_stack(
    folder: Path,
    *,
    organization: Path = DEMO_ORGANIZATION,
    first_inventory_seconds: float = 600,
) -> Iterator[Stack]:
    """Run a stack over `folder`, its log in `folder`/log, from the end of its first inventory on.

    :raises ProcessDied: a process ended.
    :raises NotReady: a process or the inventory takes too long, or one had to be killed.
    :raises StopRequested: a signal asked for a stop.
    """
    state = State(folder)
    with (folder / "log").open("w", encoding="utf-8") as log:
        stack = Stack(state, organization=organization, terminal=log)
        with stopped_by_signals(stack.stopping):
            try:
                began = time.monotonic()
                stack.start()
                print(f"started in {time.monotonic() - began:.1f} s", flush=True)
                deadline = time.monotonic() + first_inventory_seconds
                while not stack.first_inventory_is_over():
                    stack.check()
                    if stack.stopping.wait(0.2):
                        raise StopRequested
                    if time.monotonic() > deadline:
                        raise NotReady(
                            f"the first inventory goes on after {first_inventory_seconds:.0f} s"
                        )
                print(f"first inventory ended after {time.monotonic() - began:.1f} s", flush=True)
                yield stack
                stack.check()
            finally:
                killed = stack.stop()
                state.close()
    if killed:
        raise NotReady(f"did not stop in time and had to be killed: {', '.join(killed)}")
