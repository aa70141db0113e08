"""How many lines of policies' texts differ."""

from collections.abc import Iterable

from governance.presentation.text_diff import counts, diff_lines, pretty_json
from governance.snapshots.differences import SnapshotDifference
from inventory.selectors.policies import policy_texts
from inventory.viewing import Viewer

Digests = tuple[str, str]


def digests(one: SnapshotDifference) -> Digests | None:
    """Return the SHA-256 of a text before and after, None where no text differs."""
    if one.before is None or one.after is None or "sha256" not in one.before:
        return None
    before, after = one.before["sha256"], one.after["sha256"]
    return (before, after) if before and after else None


def line_counts(
    viewer: Viewer, differences: Iterable[SnapshotDifference]
) -> dict[Digests, tuple[int, int]]:
    """Count the lines removed and added, laid out as JSON, in one query."""
    pairs = {pair for one in differences if (pair := digests(one)) is not None}
    known = policy_texts(viewer, sha256s={sha256 for pair in pairs for sha256 in pair})
    laid_out = {sha256: pretty_json(text) for sha256, text in known.items()}
    return {
        pair: counts(diff_lines(*(laid_out[sha256] for sha256 in pair)))
        for pair in pairs
        if known.keys() >= set(pair)
    }
