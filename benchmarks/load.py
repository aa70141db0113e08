"""How many pages a second two web processes serve to 20 people at once.

The server runs as the demo starts it (two processes of four threads), over the database of
`benchmarks.pages`: seeded, or one that is there. Each person asks for the ten main pages, one after
the other, without a pause. Whoever asks runs on the same machine, and takes processor time from the
server. Beside it the same server serves a view that does nothing, which is the most that Django can
give here.
"""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final

import psutil

from benchmarks.calibration import calibration_seconds
from benchmarks.pages import seeded_servers
from benchmarks.tables import Statistic, shown
from demo.stack.ports import free_port
from demo.stack.state import ROOT

_PEOPLE: Final = 20
_ROUNDS: Final = 6
_PROCESSES: Final = 2
_THREADS: Final = 4
_APART_SECONDS: Final = 0.02
# What two processes served when this was first measured; three times as many are wanted.
_PAGES_A_SECOND_WANTED: Final = 69.0
_LONGEST_SECONDS: Final = 120.0


def run() -> None:
    """Measure on servers of its own, or on those of the environment."""
    with seeded_servers() as environment:
        _measure(environment)


def _measure(environment: Mapping[str, str]) -> None:
    asked = subprocess.run(
        [sys.executable, "-m", "benchmarks.load_addresses"],
        check=True,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    cookie, addresses = asked[0], dict(line.split("\t") for line in asked[1:])
    print(
        f"\n{_PEOPLE} people on {_PROCESSES} processes of {_THREADS} threads, {_ROUNDS} rounds of "
        f"{len(addresses)} pages; calibration loop {shown(calibration_seconds())}"
    )
    print(f"{'':24} {'a second':>9} {'median':>8} {'p95':>8} {'errors':>7}")
    limit = _serve("benchmarks.minimal_view", environment, {"minimal view": "/"}, "", rounds=60)
    served = _serve("governance.config.wsgi", environment, addresses, cookie, rounds=_ROUNDS)
    wanted = "met" if served >= _PAGES_A_SECOND_WANTED else "missed"
    print(
        f"{served:.1f} pages a second, {served / limit:.1%} of what a minimal view gives; "
        f"wanted {_PAGES_A_SECOND_WANTED:.0f}: {wanted}"
    )


def _serve(
    application: str,
    environment: Mapping[str, str],
    addresses: Mapping[str, str],
    cookie: str,
    *,
    rounds: int,
) -> float:
    """Print what one application serves; return its pages a second."""
    with _server(application, environment) as (port, pid):
        with ThreadPoolExecutor(_PEOPLE) as people:
            # What is made once a process, of both of them, is made now.
            list(people.map(lambda _: _ask(port, addresses, cookie, 1), range(_PEOPLE)))
            used, began = _processor_seconds(pid), time.perf_counter()

            def arrive(number: int) -> list[tuple[str, int, float]]:
                # A connection stays with the process that took it: one that is busy takes fewer.
                time.sleep(number * _APART_SECONDS)
                return _ask(port, addresses, cookie, rounds)

            answers = [answer for given in people.map(arrive, range(_PEOPLE)) for answer in given]
        seconds, used = time.perf_counter() - began, _processor_seconds(pid) - used
    a_second = len(answers) / seconds
    times: dict[str, list[float]] = defaultdict(list)
    for name, _, taken in answers:
        times[name].append(taken)
    _print("all pages", a_second, [taken for _, _, taken in answers], _errors(answers))
    if len(times) > 1:
        for name, taken_of_page in times.items():
            _print(f"  {name}", None, taken_of_page, _errors(answers, name))
    print(f"  processor of the server: {used / len(answers) * 1000:.1f} ms a page", flush=True)
    return a_second


def _errors(answers: list[tuple[str, int, float]], name: str = "") -> int:
    return sum(status != http.client.OK for one, status, _ in answers if name in ("", one))


def _print(name: str, a_second: float | None, taken: list[float], errors: int) -> None:
    rate = f"{a_second:.1f}" if a_second is not None else ""
    print(
        f"{name:24} {rate:>9} {shown(Statistic.MEDIAN.of(taken)):>8} "
        f"{shown(Statistic.P95.of(taken)):>8} {errors:>7}"
    )


def _ask(
    port: int, addresses: Mapping[str, str], cookie: str, rounds: int
) -> list[tuple[str, int, float]]:
    """Ask for every page so many times on one connection: its name, status and seconds."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_LONGEST_SECONDS)
    headers = {"Accept-Encoding": "gzip", "Cookie": cookie}
    given = []
    for _ in range(rounds):
        for name, address in addresses.items():
            began = time.perf_counter()
            connection.request("GET", address, headers=headers)
            answer = connection.getresponse()
            answer.read()
            given.append((name, answer.status, time.perf_counter() - began))
    connection.close()
    return given


@contextmanager
def _server(application: str, environment: Mapping[str, str]) -> Iterator[tuple[int, int]]:
    """Serve an application; yield its port and the pid of its first process."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}"]
    if application.startswith("governance"):
        command += ["--config", "python:governance.config.gunicorn"]
    command += ["--workers", str(_PROCESSES), "--threads", str(_THREADS), "--preload"]
    command += ["--no-control-socket", "--log-level", "warning"]
    process = subprocess.Popen(command, cwd=ROOT, env=dict(environment))
    try:
        _wait(port, process)
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _LONGEST_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError("the server ended before it answered")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server does not answer")


def _processor_seconds(pid: int) -> float:
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return float(sum(sum(each.cpu_times()[:2]) for each in family))
