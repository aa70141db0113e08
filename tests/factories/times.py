"""Moments that tests share. No test depends on the clock of the machine it runs on."""

from datetime import UTC, datetime, timedelta
from typing import Final

FIRST_RUN_AT: Final = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
SECOND_RUN_AT: Final = FIRST_RUN_AT + timedelta(hours=1)
THIRD_RUN_AT: Final = FIRST_RUN_AT + timedelta(hours=2)
