"""The detection rules that the product brings, read from their files once a process."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from governance.detections.rules.document import DetectionRule
from governance.detections.rules.reading import read_detection_rule

FOLDER: Final = Path(__file__).parent / "library"


@cache
def shipped_rules() -> Mapping[str, DetectionRule]:
    """Return every rule of the library by its id, in the order of the ids.

    :raises DetectionRuleInvalid: a file of the product is wrong, which its tests find.
    """
    found = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        rule = read_detection_rule(path.read_bytes(), file=path.name)
        if rule.id != path.stem:
            raise ValueError(f"{path.name} holds the rule {rule.id}")
        found[rule.id] = rule
    return found
