"""A simulator in a process of its own, for tests and benchmarks.

moto's state belongs to the process, so two simulators need two processes.
"""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.module_process import running_module


class ControlRefused(RuntimeError):
    """The control address refused an order; the text is its answer."""


@dataclass(frozen=True, slots=True)
class RunningSimulator:
    """`endpoint_url`: for every AWS client."""

    endpoint_url: str

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Call the control address, as `control("POST", "/faults", {…})`; see control.py.

        :raises ControlRefused: it answered with an error.
        """
        request = urllib.request.Request(  # noqa: S310
            f"{self.endpoint_url}/_simulator{path}",
            method=method,
            data=json.dumps(body).encode() if body is not None else None,
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
                found: dict[str, Any] = json.loads(response.read())
        except urllib.error.HTTPError as error:
            with error:
                raise ControlRefused(error.read().decode()) from None
        return found


@contextmanager
def running_simulator(
    organization: Path, *, rate_factor: float = 1.0, state: Path | None = None
) -> Iterator[RunningSimulator]:
    """Start a simulator on a free port and stop it at the end.

    :raises RuntimeError: it did not start; the text is what it wrote.
    """
    arguments = [
        *("--organization", str(organization), "--rate-factor", str(rate_factor)),
        *(("--state", str(state)) if state is not None else ()),
    ]
    with running_module("demo.simulator", *arguments, called="the simulator") as address:
        yield RunningSimulator(address)
