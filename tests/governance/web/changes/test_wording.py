"""Every kind of finding has words for people."""

from governance.changes.evidence.levels import DEFAULT_LEVELS
from governance.web.changes.finding_labels import FINDING_LABELS


def test_every_code_of_a_finding_has_its_words():
    assert set(DEFAULT_LEVELS) - set(FINDING_LABELS) == set()
