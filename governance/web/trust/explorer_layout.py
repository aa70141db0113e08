"""Where each box of the explorer stands: worked out here, so that a page draws it at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, islice
from math import ceil, sqrt
from typing import Final

WIDTH: Final = 168
HEIGHT: Final = 34
GAP: Final = 14
# Room within a box for its name and its edge.
HEAD: Final = 28
PADDING: Final = 28
# How much wider than high a box is drawn, and how far the outside stands from the organization.
SHAPE: Final = 1.6
BETWEEN: Final = 220
# Up to how many parts on the first shelf are tried.
_MOST_TRIED: Final = 60


@dataclass(slots=True)
class LayoutBox:
    """A box and those within it; one without is as large as its name."""

    key: str
    children: list["LayoutBox"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Placed:
    width: float
    height: float
    # Centres of the boxes without children, from this box's upper left corner.
    leaves: Mapping[str, tuple[float, float]]


def positions(
    outside: Sequence[LayoutBox], inside: Sequence[LayoutBox]
) -> dict[str, tuple[float, float]]:
    """Return the centre of each box without children: x, y in pixels.

    What comes from outside stands in a column at the left, the organization beside it. The same
    boxes in the same order stand at the same places.
    """
    left = _in_columns([_placed(box) for box in outside], columns=1)
    right = _shelved([_placed(box) for box in inside])
    found = dict(left.leaves)
    start = left.width + BETWEEN if outside else 0.0
    down = max(0.0, (left.height - right.height) / 2)
    found |= {key: (x + start, y + down) for key, (x, y) in right.leaves.items()}
    return {key: (round(x, 1), round(y, 1)) for key, (x, y) in found.items()}


def _placed(box: LayoutBox) -> _Placed:
    if not box.children:
        return _Placed(WIDTH, HEIGHT, {box.key: (WIDTH / 2, HEIGHT / 2)})
    parts = [_placed(child) for child in box.children]
    plain = all(not child.children for child in box.children)
    inner = _in_columns(parts, columns=_columns(len(parts))) if plain else _shelved(parts)
    return _Placed(
        inner.width + 2 * PADDING,
        inner.height + HEAD + PADDING,
        {key: (x + PADDING, y + HEAD) for key, (x, y) in inner.leaves.items()},
    )


def _columns(count: int) -> int:
    return max(1, ceil(sqrt(count * SHAPE * HEIGHT / WIDTH)))


def _in_columns(parts: Sequence[_Placed], *, columns: int) -> _Placed:
    """Place parts of one size, column after column."""
    if not parts:
        return _Placed(0, 0, {})
    rows = ceil(len(parts) / columns)
    leaves: dict[str, tuple[float, float]] = {}
    for number, part in enumerate(parts):
        left = (number // rows) * (WIDTH + GAP)
        top = (number % rows) * (HEIGHT + GAP)
        leaves |= {key: (x + left, y + top) for key, (x, y) in part.leaves.items()}
    used = ceil(len(parts) / rows)
    return _Placed(used * (WIDTH + GAP) - GAP, rows * (HEIGHT + GAP) - GAP, leaves)


def _shelved(parts: Sequence[_Placed]) -> _Placed:
    """Place parts of any size side by side, in shelves one below another.

    The first shelf holds as many as bring the whole nearest to its shape.
    """
    if not parts:
        return _Placed(0, 0, {})
    least = max(part.width for part in parts)
    ends = accumulate(part.width + 2 * GAP for part in parts)
    widths = {least, *(end - 2 * GAP for end in islice(ends, _MOST_TRIED))}
    _, width, height, corners = min(_on_shelves(parts, width) for width in widths if width >= least)
    leaves = {
        key: (x + left, y + top)
        for part, (left, top) in zip(parts, corners, strict=True)
        for key, (x, y) in part.leaves.items()
    }
    return _Placed(width, height, leaves)


def _on_shelves(
    parts: Sequence[_Placed], most: float
) -> tuple[float, float, float, list[tuple[float, float]]]:
    """Return how large shelves of a width are for the shape, their size and all corners."""
    corners: list[tuple[float, float]] = []
    left = top = shelf = width = 0.0
    for part in parts:
        if left and left + part.width > most:
            left, top, shelf = 0.0, top + shelf + 2 * GAP, 0.0
        corners.append((left, top))
        left += part.width + 2 * GAP
        shelf = max(shelf, part.height)
        width = max(width, left - 2 * GAP)
    height = top + shelf
    return max(width / SHAPE, height), width, height, corners
