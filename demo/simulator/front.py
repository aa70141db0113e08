"""The strict front: a WSGI application in AWS's place."""

import socket
import time
import traceback
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from demo.simulator.answering import Answer, refusal
from demo.simulator.calls import Call, Caller
from demo.simulator.control import PREFIX, Control
from demo.simulator.errors import AwsError
from demo.simulator.faults import CallCounts, Fault, Faults
from demo.simulator.rates import too_many_requests
from demo.simulator.reading import read_call
from demo.simulator.spoiling import CLAIMED_LENGTH, spoiled
from demo.simulator.world import World

StartResponse = Callable[..., Any]
_OWN_HEADERS = {"content-length", "connection", CLAIMED_LENGTH.lower()}


class Front:
    """Takes every request: control address, signature, faults, rates, then the world."""

    def __init__(self, world: World, seeding_seconds: float) -> None:
        self.world = world
        self.faults = Faults()
        self.counts = CallCounts()
        self.control = Control(world, self.faults, self.counts, seeding_seconds)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "").startswith(PREFIX):
            found: Answer | None = self.control.answer(environ)
        else:
            found = self._aws(environ)
        if found is None:
            return _cut(environ, start_response)
        status, headers, body = found
        kept = [each for each in headers if each[0].lower() not in _OWN_HEADERS]
        # A shortened answer claims the length that it had.
        length = dict(headers).get(CLAIMED_LENGTH, str(len(body)))
        start_response(f"{status} {_phrase(status)}", [*kept, ("Content-Length", length)])
        return [] if environ.get("REQUEST_METHOD") == "HEAD" else [body]

    def _aws(self, environ: dict[str, Any]) -> Answer | None:
        call = Call("", "", "json", "", "", "us-east-1", b"")
        account_id, outcome = "", "ok"
        try:
            call = read_call(environ)
            caller = self.world.callers.caller_of(call, now=datetime.now(UTC))
            account_id = caller.account_id
            found = self._hit_or_answer(call, caller, environ)
            if found is None:
                outcome = "cut"
            elif found[0] >= 400:
                outcome = str(found[0])
        except AwsError as error:
            outcome = error.code
            found = refusal(call, error)
        except Exception:  # noqa: BLE001 - the edge: a fault of the simulator is shown and answered
            traceback.print_exc()
            outcome = "InternalFailure"
            words = "The simulator failed; its log says where."
            found = refusal(call, AwsError(outcome, words, status=500))
        self.counts.add(account_id, call.name, outcome)
        return found

    def _hit_or_answer(self, call: Call, caller: Caller, environ: dict[str, Any]) -> Answer | None:
        lose, spoils = False, ""
        for fault in self.faults.hit(call, _account_concerned(call, caller)):
            match fault.kind:
                case "delay":
                    time.sleep(fault.seconds)
                case "cut":
                    return None
                case "lose-answer":
                    lose = True
                case "shorten" | "garble" | "vanish":
                    spoils = fault.kind
                case _:
                    raise _error_of(fault, call)
        self.world.rates.check(call.service, call.operation, caller.account_id)
        found = self.world.answer(call, caller, environ)
        if lose or found is None:
            return None
        return spoiled(found, spoils) if spoils else found


def _account_concerned(call: Call, caller: Caller) -> str:
    """Return the account a fault is ordered for: for AssumeRole the role's, else the caller's."""
    parts = str(call.parameters.get("RoleArn", "")).split(":")
    if call.name == "sts:AssumeRole" and len(parts) > 4:
        return parts[4]
    return caller.account_id


def _error_of(fault: Fault, call: Call) -> AwsError:
    if fault.kind == "throttle":
        return too_many_requests(call.service)
    if fault.kind == "refuse":
        code = "AccessDenied" if call.protocol == "query" else "AccessDeniedException"
        status = 403 if call.protocol == "query" else 400
        words = fault.message or "You don't have permissions to access this resource."
        return AwsError(fault.code or code, words, status=status)
    code = "ServiceException" if call.service == "organizations" else "ServiceUnavailable"
    words = fault.message or "AWS can't complete your request because of an internal service error."
    return AwsError(fault.code or code, words, status=fault.status)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def _cut(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """End the connection without a byte of answer."""
    connection = environ.get("werkzeug.socket")
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)
    start_response("500 Cut", [("Content-Length", "0")])
    return []
