"""The process that carries rollouts out: its name, its clock and its AWS."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from governance.changes.aws_writer import OrganizationsApi
from governance.changes.models import Rollout
from governance.changes.planning.steps import AwsCall


@dataclass(frozen=True, slots=True)
class Worker:
    """Who carries rollouts out. `api_of`: AWS for a rollout whose plan makes these calls."""

    holder: str
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    api_of: Callable[[Rollout, frozenset[AwsCall]], OrganizationsApi]
