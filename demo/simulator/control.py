"""The control address: what tests, benchmarks and the demo order from the simulator.

All JSON, under `/_simulator`:

GET    /ready          what runs: organization, accounts, seeding time, warnings
GET    /calls          calls by operation, account and outcome since the start or the last reset
DELETE /calls          count again
GET    /faults         the ordered faults
POST   /faults         order one (see faults.Fault); answers with its fault_id
DELETE /faults[/ID]    lift all, or one
GET    /rates          the rate factor; PUT {"factor": 10} sets it
GET    /enforcement    how many seconds after a write AWS enforces it; PUT {"seconds": 2} sets it
POST   /start-again     throw every change away and seed again
POST   /accounts/ID/role-last-used   {"role": NAME, "at": ISO 8601}: a role was used
"""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from demo.simulator.answering import Answer
from demo.simulator.callers import role_named
from demo.simulator.faults import CallCounts, FaultRefused, Faults
from demo.simulator.world import World

PREFIX = "/_simulator"


class Control:
    """Answers the control address."""

    def __init__(
        self, world: World, faults: Faults, counts: CallCounts, seeding_seconds: float
    ) -> None:
        self._world = world
        self._faults = faults
        self._counts = counts
        self._seeding_seconds = seeding_seconds

    def answer(self, environ: dict[str, Any]) -> Answer:
        method = environ["REQUEST_METHOD"]
        path = environ["PATH_INFO"].removeprefix(PREFIX).strip("/").split("/")
        try:
            length = int(environ.get("CONTENT_LENGTH") or 0)
            given = json.loads(environ["wsgi.input"].read(length) or b"{}")
            if not isinstance(given, dict):
                raise FaultRefused("the body must be a JSON object")
            status, found = self._answer(method, path, given)
        except ValueError as error:
            status, found = 400, {"error": str(error)}
        return status, [("Content-Type", "application/json")], json.dumps(found).encode()

    def _answer(
        self, method: str, path: list[str], given: dict[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        match method, path:
            case "GET", ["ready"]:
                return 200, self._ready()
            case "GET", ["calls"]:
                return 200, self._counts.report()
            case "DELETE", ["calls"]:
                self._counts.reset()
                return 200, {}
            case "GET", ["faults"]:
                return 200, {"faults": self._faults.listed()}
            case "POST", ["faults"]:
                return 201, asdict(self._faults.order(given))
            case "DELETE", ["faults"]:
                return 200, {"lifted": self._faults.lift()}
            case "DELETE", ["faults", fault_id]:
                return 200, {"lifted": self._faults.lift(int(fault_id))}
            case (("GET" | "PUT"), [("rates" | "enforcement") as setting]):
                return 200, self._setting(setting, given if method == "PUT" else None)
            case "POST", ["start-anew"]:
                self._world.start_anew()
                self._faults.lift()
                self._counts.reset()
                return 200, self._ready()
            case "POST", ["accounts", account_id, "role-last-used"]:
                return 200, _use_role(account_id, given)
        return 404, {"error": f"no {method} {'/'.join(path)}; see demo/simulator/control.py"}

    def _ready(self) -> dict[str, Any]:
        organization = self._world.organization
        return {
            "organization_id": organization.organization_id,
            "management_account_id": organization.management_account_id,
            "accounts": len(organization.accounts),
            "organizational_units": len(organization.units) - 1,
            "policies": len(organization.policies),
            "seeding_seconds": round(self._seeding_seconds, 2),
            "warnings": self._world.seed.warnings,
        }

    def _setting(self, name: str, given: dict[str, Any] | None) -> dict[str, Any]:
        """Return the rates' factor or the seconds of enforcement, set first where one is given."""
        if name == "rates":
            if given is not None:
                self._world.rates.factor = _number(given, "factor", least=1e-9)
                self._world.rates.forget()
            return {"factor": self._world.rates.factor}
        if given is not None:
            self._world.enforcement.seconds = _number(given, "seconds", least=0)
        return {"seconds": self._world.enforcement.seconds}


def _number(given: dict[str, Any], name: str, *, least: float) -> float:
    value = given.get(name)
    if not isinstance(value, (int, float)) or isinstance(value, bool) or value < least:
        bound = "above 0" if least else "from 0 on"
        raise FaultRefused(f"{name} must be a number {bound}, not {value!r}")
    return float(value)


def _use_role(account_id: str, given: dict[str, Any]) -> dict[str, Any]:
    role = role_named(account_id, str(given.get("role")))
    if role is None:
        raise FaultRefused(f"account {account_id} has no role {given.get('role')}")
    role.last_used = datetime.fromisoformat(str(given.get("at")))
    return {"role": role.arn, "last_used": role.last_used.isoformat()}
