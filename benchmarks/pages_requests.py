"""`python -m benchmarks.pages_requests [--part] [NAME…]`: ask for every page, print what it costs.

With `--part` somebody asks who sees three OUs; what lies outside of them is left out.

Requests go through Django's test client, so through every middleware, in one warm process and
without a network. Time is the server's, from the request until the last byte. `processor` is what
a request costs on average, in this process and in PostgreSQL's for it: on a machine that others
use too it tells what the times would be without them. Parallel workers of PostgreSQL are left out.
"""

from __future__ import annotations

import gzip
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import django
import psutil

from benchmarks.calibration import calibration_seconds
from benchmarks.pages_addresses import ORGANIZATION, MeasuredPage, Sampler, endpoints, pages
from benchmarks.pages_answers import answers, files
from benchmarks.processes import ProcessorTime
from benchmarks.tables import in_loops, shown

if TYPE_CHECKING:
    from django.test import Client

_LARGEST_BYTES: Final = 300_000
# 286 ends htmx's polling.
_ANSWERED: Final = (200, 286)
_SLUG: Final = "scale"


class NotAnswered(RuntimeError):
    """A page has no answer to measure."""


@dataclass(frozen=True, slots=True)
class TimedResponse:
    """One answer. `sent`: bytes as sent, gzipped; `whole`: bytes before."""

    seconds: float
    database_seconds: float
    queries: int
    sent: int
    whole: int
    address: str


PART: Final = "--part"


def main(chosen: list[str]) -> int:
    """Measure the pages whose names hold one of `chosen`, or all; 1 where a target is missed."""
    django.setup()
    from django.conf import settings
    from django.test import Client

    from inventory.models import Connection

    settings.API_READS_A_MINUTE = settings.API_WRITES_A_MINUTE = 1_000_000
    client = Client(
        raise_request_exception=False,
        headers={"Accept-Encoding": "gzip"},
        SERVER_NAME="localhost",
    )
    part = PART in chosen
    chosen = [word for word in chosen if word != PART]
    client.force_login(reader_of_part(_SLUG) if part else reader())
    found = Sampler(Connection.objects.get(slug=_SLUG))
    _get_ready(found)
    missed = 0
    if part:
        print("\nAsked by someone who sees three OUs")
    for title, made in (
        ("Pages", pages),
        ("Computed answers", answers),
        ("REST API", endpoints),
        ("Files, until their first row", files),
    ):
        asked = [
            page
            for page in made(found)
            if not chosen or any(word in f" {page.name.lower()}," for word in chosen)
        ]
        if asked:
            missed += _print(title, asked, client, part=part)
    print(f"\n{missed} targets missed" if missed else "\nevery target is met")
    return 1 if missed else 0


def _get_ready(found: Sampler) -> None:
    """Do what a worker and a web process do after each run, before anybody asks."""
    from datetime import datetime

    from governance.posture.findings.structure import prepare_findings
    from governance.posture.warming import warm
    from inventory.viewing import Viewer

    viewer = Viewer(sees_inventory=True)
    for moment in (None, *map(datetime.fromisoformat, found.moments)):
        prepare_findings(viewer, connection=found.connection, as_of=moment)
    warm(found.connection)


def reader() -> Any:
    """Return the person who asks, made where there is none yet."""
    from django.contrib.auth.models import User
    from django.utils import timezone

    from governance.access.models import RoleAssignment

    reader, _ = User.objects.get_or_create(username="benchmark")
    RoleAssignment.objects.get_or_create(
        user=reader, role="administrator", defaults={"created_at": timezone.now()}
    )
    return reader


def reader_of_part(slug: str) -> Any:
    """Return somebody who sees the three OUs directly below the root with the most accounts."""
    from django.contrib.auth.models import User
    from django.utils import timezone

    from governance.access.models import RoleAssignment
    from inventory.models import Account, Connection, OrganizationalUnit

    connection = Connection.objects.get(slug=slug)
    now = {"connection": connection, "seen_until__isnull": True}
    by_unit: Counter[str] = Counter()
    for path in Account.objects.filter(**now).values_list("path", flat=True):
        by_unit.update(path.split("/")[1:2])
    units = set(OrganizationalUnit.objects.filter(**now).values_list("target_id", flat=True))
    largest = [unit for unit, _ in by_unit.most_common() if unit in units][:3]
    reader, _ = User.objects.get_or_create(username="benchmark-part")
    for target_id in largest:
        RoleAssignment.objects.get_or_create(
            user=reader,
            role="viewer",
            connection=connection,
            target_id=target_id,
            defaults={"created_at": timezone.now()},
        )
    seen = sum(by_unit[unit] for unit in largest)
    print(f"three OUs with {seen:,} of {by_unit.total():,} accounts")
    return reader


def _print(title: str, asked: list[MeasuredPage], client: Client, *, part: bool) -> int:
    width = max(len(page.name) for page in asked)
    loop = calibration_seconds()
    print(
        f"\n{title}\ncalibration loop: {shown(loop)}\n"
        f"{'':{width}}  {'first':>8} {'median':>8} {'p95':>8} {'max':>8} "
        f"{'processor':>9} {'in loops':>8} {'SQL p95':>8} {'target':>8} {'queries':>8} "
        f"{'kB sent':>8} {'kB whole':>8}"
    )
    missed = 0
    for page in asked:
        try:
            addresses = page.addresses() if callable(page.addresses) else page.addresses
            if part and not page.bodies:
                addresses = tuple(
                    one for one in addresses if client.get(one).status_code in _ANSWERED
                )
                if not addresses:
                    print(f"{page.name:{width}}  outside of the part", flush=True)
                    continue
            first = _asked(client, page, addresses, 0)  # what is made once a process is made now
            before = _processor_time()
            given = [_asked(client, page, addresses, turn) for turn in range(len(addresses))]
            processor = _processor_time().since(before) / len(given)
        except NotAnswered as problem:
            print(f"{page.name:{width}}  {problem}", flush=True)
            missed += 1
            continue
        missed += _print_page(page, first, given, processor, width, loop)
    return missed


def _processor_time() -> ProcessorTime:
    """Return what this process and its session in the database have used."""
    from django.db import connection

    own = time.process_time()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (session,) = cursor.fetchone()
    try:
        used = psutil.Process(session).cpu_times()
    except psutil.Error:  # a database on another machine
        return ProcessorTime(own)
    return ProcessorTime(own, session, float(used.user + used.system))


def _print_page(
    page: MeasuredPage,
    first: TimedResponse,
    given: list[TimedResponse],
    processor: float,
    width: int,
    loop: float,
) -> int:
    times = sorted(answer.seconds for answer in given)
    p95 = _p95(times)
    sent = max(answer.sent for answer in given)
    queries = Counter(answer.queries for answer in given)
    fewest, most = min(queries), max(queries)
    slow = p95 > page.target
    large = page.target == ORGANIZATION and sent > _LARGEST_BYTES
    database = _p95(sorted(answer.database_seconds for answer in given))
    print(
        f"{page.name:{width}}  {shown(first.seconds):>8} {shown(median(times)):>8} "
        f"{shown(p95):>8} {shown(times[-1]):>8} "
        f"{shown(processor):>9} {in_loops(processor, loop):>8} "
        f"{shown(database):>8} {shown(page.target):>8} "
        f"{str(most) if fewest == most else f'{fewest}-{most}':>8} {sent / 1000:>8.1f} "
        f"{max(answer.whole for answer in given) / 1000:>8.1f}"
        f"  {'missed' if slow or large else 'met'}"
        f"{', too slow' if slow else ''}{', too large' if large else ''}",
        flush=True,
    )
    if slow:
        slowest = sorted(given, key=lambda answer: -answer.seconds)[:3]
        for answer in slowest:
            print(f"{'':{width}}    {shown(answer.seconds)} {answer.address}")
    return int(slow or large)


def _p95(ordered: list[float]) -> float:
    return ordered[min(len(ordered) - 1, len(ordered) * 95 // 100)]


def _asked(
    client: Client, page: MeasuredPage, addresses: tuple[str, ...], turn: int
) -> TimedResponse:
    address = addresses[turn]
    with _counted() as counted:
        began = time.perf_counter()
        if page.bodies:
            response = client.post(address, page.bodies[turn], content_type="application/json")
        else:
            response = client.get(address)
        content = _first_piece(response) if page.streams else response.getvalue()
        seconds = time.perf_counter() - began
    if response.status_code not in _ANSWERED:
        raise NotAnswered(f"{address} answers {response.status_code}")
    gzipped = response.headers.get("Content-Encoding") == "gzip" and not page.streams
    whole = len(gzip.decompress(content)) if gzipped else len(content)
    return TimedResponse(seconds, sum(counted), len(counted), len(content), whole, address)


def _first_piece(response: Any) -> bytes:
    """Return the beginning of a file, and close the rest of it: gzip's head, and the first rows.

    :raises NotAnswered: the file is put together whole before it is sent.
    """
    from django.core.signals import request_finished
    from django.db import close_old_connections

    if not response.streaming:
        raise NotAnswered("the file is not sent as it is read")
    pieces = iter(response)
    begun = b"".join(islice(pieces, 2))
    # As Django's test client does for what it reads whole: the session in the database stays, of
    # which the processor's time is told.
    request_finished.disconnect(close_old_connections)
    try:
        response.close()
    finally:
        request_finished.connect(close_old_connections)
    return begun


@contextmanager
def _counted() -> Iterator[list[float]]:
    """Collect the time of each query."""
    from django.db import connection

    times: list[float] = []

    def timed(execute: Callable[..., Any], *arguments: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            times.append(time.perf_counter() - began)

    with connection.execute_wrapper(timed):
        yield times


if __name__ == "__main__":
    sys.exit(main([word.lower() for word in sys.argv[1:]]))
