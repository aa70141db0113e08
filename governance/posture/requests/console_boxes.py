"""The AWS console's "Access denied" boxes → sentences as services write them.

A box lists User, Service, Action, On resource(s) and Context, in lines, or run together where
somebody copied it out of a page.
"""

import re
from typing import Final

_GAP: Final = r"[\s`]{0,80}(?:<br\s?/?>[\s`]{0,80})?"
_BOX: Final = re.compile(
    rf"\bUser:\s*(?P<user>[^\s`<]{{1,2048}}?){_GAP}(?:Copy{_GAP})?"
    rf"(?:Service:\s*(?P<service>[a-z0-9-]{{1,63}}){_GAP})?"
    rf"Action:\s*(?P<action>[A-Za-z0-9:-]{{1,256}}?){_GAP}"
    rf"On\s+resource\(s\):\s*(?P<resource>[^\s`<]{{1,4096}}?){_GAP}"
    r"Context:\s*(?:no\s+(?P<lacking>[a-z -]{1,60}?)\s+allows?"
    r"|an?\s+(?P<denying>[a-z -]{1,60}?)\s+explicitly\s+denies)"
    r"\s+the\s+(?:[A-Za-z0-9-]+:\s?[A-Za-z0-9]*\s+)?action",
    re.I,
)


def with_boxes_as_sentences(message: str) -> str:
    """Return a text of one line with each box in it written as a service would."""
    return _BOX.sub(lambda found: _sentence(found), message)


def _sentence(box: "re.Match[str]") -> str:
    action = box["action"]
    if box["service"] and ":" not in action:
        action = f"{box['service']}:{action}"
    because = (
        f"because no {box['lacking']} allows the {action} action"
        if box["lacking"]
        else f"with an explicit deny in a {box['denying']}"
    )
    return (
        f"User: {box['user']} is not authorized to perform: {action} "
        f"on resource: {box['resource']} {because}"
    )
