"""Whatever people paste: an AccessDenied message or a CloudTrail event."""

from governance.posture.requests.cloudtrail_events import looks_like_json, read_event
from governance.posture.requests.denial_messages import read_denial
from governance.posture.requests.questions import Reading, Trouble


def read_pasted(text: str) -> Reading:
    """Read a pasted text; never raises, and tells which part was not understood."""
    if not text.strip():
        reading = Reading("message")
        remedy = "Paste an AccessDenied message or a CloudTrail event."
        reading.troubles.append(Trouble("message", "nothing", remedy))
        return reading
    return read_event(text) if looks_like_json(text) else read_denial(text)
