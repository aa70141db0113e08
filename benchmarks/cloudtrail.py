"""Reading CloudTrail's files: read, dedupe and reduce, the whole process, beside other readers.

`ORGWARDEN_BENCH_EVENTS` says how many events are written first (300,000). The other readers only
unpack and decode the same files, with one process: the standard library, and orjson with isal,
which is as fast as JSON is read in full. Memory is the peak of all processes together.

Where the public tool npkt can be called, or `ORGWARDEN_BENCH_NPKT` names it, `npkt simulate` reads
some of the same files, as whole a process as ours.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
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
_WANTED_TIMES_NPKT: Final = 15
_NPKT_FILES: Final = 10
_NPKT_POLICY: Final = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "kms:List*", '
    '"Resource": "*"}]}'
)
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
        npkt = _npkt_events_a_second(files[:_NPKT_FILES])
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
            *(
                (
                    Figure("npkt: events a second, whole process", round(npkt)),
                    Figure("times as fast as npkt", ours / npkt),
                )
                if npkt
                else ()
            ),
        ],
    )
    if npkt and ours < _WANTED_TIMES_NPKT * npkt:
        print(f"Wanted: {_WANTED_TIMES_NPKT} times as fast as npkt.")
    if not npkt:
        print("npkt is not compared: it is not installed, and ORGWARDEN_BENCH_NPKT names none.")


def _npkt_events_a_second(files: list[Path]) -> float:
    """Return how fast npkt reads some of the files and judges them; 0 where it is not there."""
    npkt = os.environ.get("ORGWARDEN_BENCH_NPKT") or shutil.which("npkt")
    if not npkt:
        return 0.0
    with tempfile.TemporaryDirectory(prefix="orgwarden-bench-") as name:
        policy, logs = Path(name, "policy.json"), Path(name, "logs")
        policy.write_text(_NPKT_POLICY)
        logs.mkdir()
        for number, path in enumerate(files):
            # It reads the files of one folder.
            (logs / f"{number}.json.gz").symlink_to(path)
        command = [npkt, "simulate", str(policy), "--logs", str(logs), "--format", "json"]
        begun = time.perf_counter()
        # It ends with 2 where it finds denials.
        output = subprocess.run(
            [*command, "--no-details", "--days", "3650"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
            text=True,
        ).stdout
        seconds = time.perf_counter() - begun
    return int(json.loads(output)["summary"]["total_events"]) / seconds


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
