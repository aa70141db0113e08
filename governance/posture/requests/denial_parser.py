"""Whatever people paste: AccessDenied messages, CloudTrail events, decoded messages, logs."""

import json
import re
from typing import Final

from governance.posture.requests.cloudtrail_events import (
    is_denied,
    read_event,
    read_part,
    records_of,
)
from governance.posture.requests.console_boxes import with_boxes_as_sentences
from governance.posture.requests.decoded_messages import decoded_message, read_decoded
from governance.posture.requests.denial_messages import distinct, read_denials
from governance.posture.requests.pasted_text import LONGEST, json_objects, one_line
from governance.posture.requests.questions import DenialProblem, ParsedDenial

_MASK: Final = re.compile(
    r"\*{3,}|[xX]{4,}|#{3,}|\.{3}|…|redacted|masked|hidden_due|<[^>]*>|\[[^\]]*\]|\{[^}]*\}", re.I
)
_ACCOUNT: Final = re.compile(r"\d{12}|aws|\*|")
_LOOKS_LIKE_JSON: Final = re.compile(r"\s*\ufeff?\s*[\[{]\s*[\"{\[\]}]")
_MOST_NAMED: Final = 5


def parse_denial(text: str) -> ParsedDenial:
    """Read a pasted text; never raises, and says which part was not understood.

    Several denials are a problem of their own, with the readings in `several`.
    """
    if not text.strip():
        reading = ParsedDenial("message")
        remedy = "Paste an AccessDenied message or a CloudTrail event."
        reading.problems.append(DenialProblem("message", "nothing", remedy))
        return reading
    readings = _readings(text)
    for one in readings:
        _name_masked(one)
    return readings[0] if len(readings) == 1 else _several(readings)


def _readings(text: str) -> list[ParsedDenial]:
    """Return what a text holds, the surest kind first; at least one."""
    objects = list(json_objects(text))
    records = [record for one in objects for record in records_of(one)]
    if records:
        return _of_records(records)
    decoded = [found for one in objects if (found := decoded_message(one)) is not None]
    if decoded:
        return distinct([read_decoded(one) for one in decoded])
    part = read_part(text)
    if part is not None:
        return [part]
    denials = read_denials(with_boxes_as_sentences(one_line(text)))
    is_silent = denials[0].claim is None and not denials[0].action
    unread = _unread_json(text) if is_silent else None
    return [unread] if unread else denials


def _of_records(records: list[dict[str, object]]) -> list[ParsedDenial]:
    denied = [one for one in records if is_denied(one)]
    readings = distinct([read_event(one) for one in denied or records])
    if denied and len(denied) < len(records) and len(readings) == 1:
        readings[0].notes.append(f"The denied one of {len(records)} records is used.")
    return readings


def _several(readings: list[ParsedDenial]) -> ParsedDenial:
    """Return a reading that leaves the choice to the person who pasted the text."""
    whole = ParsedDenial(readings[0].kind, several=tuple(readings))
    named = [one.action or "an unknown action" for one in readings[:_MOST_NAMED]]
    more = f" and {len(readings) - _MOST_NAMED} more" if len(readings) > _MOST_NAMED else ""
    remedy = f"Choose one: {', '.join(named)}{more}."
    whole.problems.append(DenialProblem("message", f"{len(readings)} denials", remedy))
    return whole


def _name_masked(reading: ParsedDenial) -> None:
    """Say which ARNs have parts that somebody masked: no account or resource is known by them."""
    for part in ("principal", "resource"):
        arn = getattr(reading, part)
        if not arn.startswith("arn:") or arn.count(":") < 5:
            continue
        account = arn.split(":", 5)[4]
        if not _ACCOUNT.fullmatch(account):
            what = "The account in it is masked or no account id"
        elif _MASK.search(arn):
            what = "A part of it is masked"
        else:
            continue
        reading.problems.append(
            DenialProblem(part, arn, f"{what}. Give the whole ARN under Request.")
        )


def _unread_json(text: str) -> ParsedDenial | None:
    """Say where a text that begins as JSON cannot be read as such, or that it is no record."""
    if not _LOOKS_LIKE_JSON.match(text):
        return None
    reading = ParsedDenial("event")
    try:
        json.loads(text[:LONGEST].lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        where = (
            f"line {error.lineno}, column {error.colno}"
            if isinstance(error, json.JSONDecodeError)
            else "its nesting"
        )
        cut = " The text was longer than the limit." if len(text) > LONGEST else ""
        remedy = (
            f"This starts like JSON but cannot be parsed there.{cut} Paste one whole "
            "CloudTrail record."
        )
        reading.problems.append(DenialProblem("message", where, remedy))
        return reading
    remedy = (
        "A record has members such as userIdentity, eventSource and eventName. Paste one whole "
        "record, or the message of the denial."
    )
    reading.problems.append(DenialProblem("message", "no CloudTrail record", remedy))
    return reading
