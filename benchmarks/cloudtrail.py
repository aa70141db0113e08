"""Reading CloudTrail's files: read, dedupe and reduce, the whole process, beside other readers.

`ORGWARDEN_BENCH_EVENTS` says how many events are written first (300,000). The other readers only
unpack and decode the same files, with one process: the standard library, and orjson with isal,
which is as fast as JSON is read in full. Memory is the peak of all processes together.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import orjson
from isal import isal_zlib

from benchmarks.cloudtrail_logs import write_logs
from benchmarks.processes import measured_use
from benchmarks.tables import Figure, print_figures

_EVENTS: Final = int(os.environ.get("ORGWARDEN_BENCH_EVENTS", "300000"))
_WANTED_A_SECOND: Final = 80_000
_MOST_MEGABYTES: Final = 500
_PEER_FILES: Final = 40
_PROGRAM: Final = """
import json, resource, sys
from inventory.cloudtrail.files import reduce_files
usage = reduce_files([sys.argv[1]])
own, ended = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
used = own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime
print(json.dumps([usage.events, usage.duplicates, usage.usage_records, used]))
"""


def run() -> None:
    """Write files of events, read them with all readers, and print what each achieves."""
    with tempfile.TemporaryDirectory(prefix="orgwarden-bench-") as name:
        directory = Path(name)
        written = write_logs(directory, _EVENTS)
        begun = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, str(directory)], stdout=subprocess.PIPE, text=True
        )
        with measured_use(process.pid) as use:
            output = process.stdout.read() if process.stdout is not None else ""
            seconds = time.perf_counter() - begun
        process.wait()
        events, duplicates, records, processor = json.loads(output)
        files = sorted(directory.rglob("*.gz"))[:_PEER_FILES]
        plain = _events_a_second(files, lambda content: json.loads(gzip.decompress(content)))
        fast = _events_a_second(files, _orjson)
    if events != written:
        raise AssertionError(f"{written} events were written and {events} read")
    ours = events / seconds
    print_figures(
        "CloudTrail's files: events read, deduplicated and reduced to usage",
        [
            Figure("events", events),
            Figure("duplicates among them", duplicates),
            Figure("usage records", records),
            Figure("seconds, whole process", seconds, events / _WANTED_A_SECOND, is_seconds=True),
            Figure("events a second", round(ours)),
            Figure("processor seconds, all processes", processor, is_seconds=True),
            Figure("events a processor second", round(events / processor)),
            Figure("peak megabytes, all processes", use.together_megabytes, _MOST_MEGABYTES),
            Figure("json and gzip, decoding alone: events a processor second", round(plain)),
            Figure("orjson and isal, decoding alone: events a processor second", round(fast)),
        ],
    )


def _orjson(content: bytes) -> dict[str, list[object]]:
    found: dict[str, list[object]] = orjson.loads(isal_zlib.decompressobj(31).decompress(content))
    return found


def _events_a_second(
    files: list[Path], reader: Callable[[bytes], dict[str, list[object]]]
) -> float:
    count = 0
    begun = time.process_time()
    for path in files:
        count += len(reader(path.read_bytes())["Records"])
    return count / (time.process_time() - begun)
