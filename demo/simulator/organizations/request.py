"""What an Organizations operation is given."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from demo.simulator.calls import Caller
from demo.simulator.organizations.state import Organization

Members = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """`given`: the input by AWS's member names, already checked against the service model."""

    organization: Organization
    operation: str
    given: Members
    caller: Caller
    at: datetime


Operation = Callable[[Request], Members]
