"""Whatever people paste: an AccessDenied message or a CloudTrail event."""

from governance.posture.requests.cloudtrail_events import looks_like_json, read_event
from governance.posture.requests.denial_messages import read_denial
from governance.posture.requests.questions import DenialProblem, ParsedDenial


def parse_denial(text: str) -> ParsedDenial:
    """Read a pasted text; never raises, and tells which part was not understood."""
    if not text.strip():
        reading = ParsedDenial("message")
        remedy = "Paste an AccessDenied message or a CloudTrail event."
        reading.problems.append(DenialProblem("message", "nothing", remedy))
        return reading
    return read_event(text) if looks_like_json(text) else read_denial(text)
