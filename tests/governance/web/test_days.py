"""Days and times are written as the person prefers, wherever a page shows one."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.utils import timezone

from governance.web.parts import ages

# What is no text for people: fields and attributes of HTML, addresses, and names of months.
_FOR_MACHINES = re.compile(r"""\|date:(["'])(Y-m-d|c|F Y|D|j|M)\1""")


@pytest.mark.parametrize(
    ("form", "written"),
    [("", "1 Dec 2026"), ("iso", "2026-12-01"), ("month day", "Dec 1, 2026")],
)
def test_a_day_is_written_in_the_form_chosen(form, written):
    ages.write_dates_as(form)
    try:
        assert ages.day(date(2026, 12, 1)) == written
        late = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
        with timezone.override(ZoneInfo("Europe/Berlin")):
            assert ages.day(late) == written
    finally:
        ages.write_dates_as("")


def test_no_template_writes_a_day_in_a_form_of_its_own():
    folder = Path(settings.BASE_DIR) / "templates"
    own = [
        f"{path.relative_to(folder)}: {line.strip()[:80]}"
        for path in folder.rglob("*.html")
        for line in path.read_text().splitlines()
        if "|date:" in _FOR_MACHINES.sub("", line)
    ]
    assert own == []
