"""Numbers, dates, addresses and binary values: one sample text for each cell they fall into.

The constants of some conditions cut all texts into cells; within a cell every one of those
conditions is equally true. The samples together meet every cell, so that trying them all decides.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from ipaddress import IPv4Address, IPv6Address
from itertools import pairwise

from policies.language.conditions.binary import parse_binary
from policies.language.conditions.dates import parse_date
from policies.language.conditions.ip import parse_network
from policies.language.conditions.numeric import parse_number


def number_samples(constants: Iterable[str]) -> list[str]:
    """Return a number in each cell that some numeric limits make; last a text that is none."""
    points = sorted({n for text in constants if (n := parse_number(text)) is not None})
    return [*(format(value, "f") for value in _cells(points)), "not-a-number"]


def date_samples(constants: Iterable[str]) -> list[str]:
    """Return a date in each cell that some date limits make; last a text that is none."""
    points = sorted({n for text in constants if (n := parse_date(text)) is not None})
    samples = [text for value in _cells(points) for text in _date_texts(value)]
    return [*samples, "not-a-date"]


def _cells(points: list[Decimal]) -> Iterable[Decimal]:
    with localcontext() as context:
        context.prec = 25_000
        if not points:
            yield Decimal(1)
            return
        for low, high in pairwise(points):
            yield low
            whole = Decimal(int(low)) + (1 if low >= 0 or low == int(low) else 0)
            yield whole if low < whole < high else (low + high) / 2
        yield points[-1]
        yield Decimal(int(points[-1])) + 1
        yield Decimal(int(points[0])) - 1


def _date_texts(seconds: Decimal) -> list[str]:
    """Return ways to write a moment, the readable one first, of which one at least is valid."""
    written = [format(seconds.normalize(), "f")]
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(seconds))
    except OverflowError:
        moment = None
    if moment is not None and seconds == int(seconds):
        written.insert(0, moment.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0"))
    return [text for text in written if parse_date(text) == seconds][:1]


def address_samples(constants: Iterable[str]) -> list[str]:
    """Return an address in each cell that some ranges make; last a text that is none."""
    starts: dict[int, set[int]] = {4: {0xCB007107, 0}, 6: {0x20010DB8 << 96 | 7, 0}}
    for text in constants:
        network = parse_network(text)
        if network is not None:
            starts[network.version].add(int(network.network_address))
            starts[network.version].add(int(network.broadcast_address) + 1)
    samples = [str(IPv4Address(at)) for at in sorted(starts[4]) if at < 1 << 32]
    samples += [str(IPv6Address(at)) for at in sorted(starts[6]) if at < 1 << 128]
    # Addresses for documentation first: they look like what they stand for.
    samples.sort(key=lambda text: not text.startswith(("203.0.113.", "2001:db8::")))
    return [*samples, "not-an-address"]


def binary_samples(constants: Iterable[str]) -> list[str]:
    """Return base64 of each wanted value, of another; last a text that is no base64."""
    wanted = {value for text in constants if (value := parse_binary(text)) is not None}
    other = b"other"
    while other in wanted:
        other += b"!"
    return [base64.b64encode(value).decode() for value in (*sorted(wanted), other)] + ["*"]
