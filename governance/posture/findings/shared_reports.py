"""What one process found, kept in the cache for all others: it takes ten seconds to find."""

import hashlib
import logging
from collections.abc import Iterable
from typing import Any, Final

from django.core.cache import caches
from django.db import connection as database

from governance.posture.findings.finding import (
    SEVERITIES,
    Finding,
    FindingAnswer,
    FindingMeasure,
    FindingPlace,
    PlaceKind,
    Unjudged,
)
from governance.posture.findings.registry import KINDS
from governance.posture.findings.thresholds import USUAL
from policies import load_catalogue

log = logging.getLogger(__name__)

# A run an hour makes a report an hour; older ones are found again where somebody looks back.
_SECONDS: Final = 3 * 3600
# To be raised when the classes of a report change.
_FORMAT: Final = 5


def report_name(*marks: object) -> str:
    """Return the name of what was found in one state of one organization.

    `marks`: what tells that state from others, equal in every process. The database is part of
    the name, since several may share a cache.
    """
    identity = repr((_FORMAT, _database(), USUAL, load_catalogue().version, _in_order(marks)))
    return f"structure-findings:{hashlib.sha256(identity.encode()).hexdigest()}"


def _database() -> tuple[str, str, str]:
    settings = database.settings_dict
    return str(settings["HOST"]), str(settings["PORT"]), str(settings["NAME"])


def _in_order(marks: object) -> object:
    """Return marks with their sets sorted: a set is told in another order by each process."""
    if isinstance(marks, frozenset):
        return sorted(marks)
    if isinstance(marks, tuple):
        return [_in_order(one) for one in marks]
    return marks


def shared_answers(name: str) -> tuple[FindingAnswer, ...] | None:
    """Return what is kept; None where nothing is, it has another form, or no cache answers."""
    try:
        stored = caches["optional"].get(name)
        return None if stored is None else tuple(_answer(*one) for one in stored)
    except (KeyError, TypeError, ValueError) as error:
        log.warning("findings in the cache have another form: %s", error)
    return None


def is_shared(name: str) -> bool:
    """Whether it is kept, without reading it."""
    return bool(caches["optional"].has_key(name))


def share_answers(names: Iterable[str], answers: Iterable[FindingAnswer]) -> None:
    """Keep what was found by each of its names; without a cache the next process finds it again."""
    stored = [_plain(one) for one in answers]
    for name in set(names):
        caches["optional"].set(name, stored, timeout=_SECONDS)


# Lists in the order of the fields, without their names; of places, a list a field. A report of
# 10,000 accounts has hundreds of thousands of places, and a page waits until they are read.
def _plain(answer: FindingAnswer) -> list[Any]:
    return [
        answer.kind.code,
        answer.examined,
        [
            [
                finding.kind.code,
                finding.severity,
                finding.title,
                _columns(finding.places),
                [list(measure) for measure in finding.measured],
                finding.threshold,
                finding.remedy,
                finding.accounts,
                finding.about,
                finding.part_title,
                _columns([finding.majority] if finding.majority else []),
            ]
            for finding in answer.findings
        ],
        [
            [unjudged.kind.code, _columns(unjudged.places), unjudged.reason]
            for unjudged in answer.unjudged
        ],
    ]


def _answer(
    kind: str, examined: int, findings: list[list[Any]], unjudged: list[list[Any]]
) -> FindingAnswer:
    return FindingAnswer(
        KINDS[kind],
        examined,
        [
            Finding(
                KINDS[kind],
                SEVERITIES[severity],
                title,
                _places(places),
                tuple(map(FindingMeasure._make, measured)),
                threshold,
                remedy,
                accounts,
                about,
                part_title,
                *_places(majority),
            )
            for (
                kind,
                severity,
                title,
                places,
                measured,
                threshold,
                remedy,
                accounts,
                about,
                part_title,
                majority,
            ) in findings
        ],
        [Unjudged(KINDS[kind], _places(places), reason) for kind, places, reason in unjudged],
    )


def _columns(places: Iterable[FindingPlace]) -> list[list[str]]:
    return [list(column) for column in zip(*places, strict=True)]


def _places(stored: list[list[str]]) -> tuple[FindingPlace, ...]:
    if not stored:
        return ()
    kinds, *others = stored
    rows = zip(map(_PLACE_KINDS.__getitem__, kinds), *others, strict=True)
    return tuple(map(FindingPlace._make, rows))


_PLACE_KINDS: Final = {kind.value: kind for kind in PlaceKind}
