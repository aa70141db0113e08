"""The two sides of drift in parallel lines, laid out as people read them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

from governance.presentation.text_diff import pretty_json

_LINES_AROUND: Final = 2
_OF_TEXT: Final = frozenset({"text", "digest"})


@dataclass(frozen=True, slots=True)
class SideLine:
    """One line of the two sides; looks: gap, opens, other, fold-line, empty for an equal one."""

    before: str
    after: str
    before_look: str = ""
    after_look: str = ""


def _laid_out(side: Any) -> list[str]:
    if side is None:
        return []
    if isinstance(side, Mapping) and isinstance(side.get("text"), str):
        # A policy: its text is what people compare; the digest follows from it.
        return [
            *(f"{name}: {_member(side[name])}" for name in sorted(side) if name not in _OF_TEXT),
            *pretty_json(side["text"]).splitlines(),
        ]
    if isinstance(side, str):
        return pretty_json(side).splitlines()
    return json.dumps(_unfolded(side), indent=1, ensure_ascii=False, sort_keys=True).splitlines()


def _unfolded(value: Any) -> Any:
    """Return a value with policies, which are texts of JSON, as what they say."""
    if isinstance(value, Mapping):
        return {name: _unfolded(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_unfolded(one) for one in value]
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def _named(value: Any) -> str:
    """Return what a list holds in one piece: places by their way and id."""
    if isinstance(value, Mapping) and {"id", "path"} <= value.keys():
        return f"{value['path']} ({value['id']})"
    return _member(value)


def _member(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_named, value)) or "none"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def side_lines(desired: Any, collected: Any, *, opens: bool) -> list[SideLine]:
    """Lay two sides out in parallel lines, what is equal and far from a difference folded.

    `opens`: the collected side newly allows, so its own lines are marked so.
    """
    left, right = _laid_out(desired), _laid_out(collected)
    look = "opens" if opens else "other"
    lines: list[SideLine] = []
    codes = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    for at, (tag, a, b, c, d) in enumerate(codes):
        if tag == "equal":
            head = 0 if at == 0 else _LINES_AROUND
            tail = 0 if at == len(codes) - 1 else _LINES_AROUND
            equal = left[a:b]
            hidden = len(equal) - head - tail
            if hidden > 1:
                middle = f"{hidden} more, equal"
                shown = [*equal[:head], None, *equal[len(equal) - tail :]]
            else:
                middle, shown = "", list(equal)
            lines += [
                SideLine(middle, middle, "fold-line", "fold-line")
                if text is None
                else SideLine(text, text)
                for text in shown
            ]
            continue
        for number in range(max(b - a, d - c)):
            before = left[a + number] if a + number < b else None
            after = right[c + number] if c + number < d else None
            lines.append(
                SideLine(
                    before or "",
                    after or "",
                    "gap" if before is None else (look if after is None else "other"),
                    "gap" if after is None else look,
                )
            )
    return lines
