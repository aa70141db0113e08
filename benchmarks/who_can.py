"""Who can, asked of 10,000 accounts with 500,000 principals.

Measured on the database of `benchmarks.pages`: seeded, which takes minutes, or one that is there.

First everybody is read, which a process does once for each state of the inventory. Then each
question is new to the process, whatever it learnt from the others; and then a page of its list.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import django

from benchmarks.pages import seeded_servers
from benchmarks.tables import Figure, Row, measured, print_figures, print_table
from demo.stack.state import ROOT

if TYPE_CHECKING:
    from governance.posture.who_can.answer import WhoCanAnswer

_SLUG: Final = "scale"
_FIRST: Final = 1.0
_WHOLE: Final = 5.0
_ROLE: Final = "arn:aws:iam::{}:role/OrganizationAccountAccessRole"
# What is asked, by how common it is, and what is assumed.
_QUESTIONS: Final[tuple[tuple[str, dict[str, Any], float], ...]] = (
    ("a rare action: iam:CreateUser", {"action": "iam:CreateUser"}, _FIRST),
    ("a common one: s3:GetObject", {"action": "s3:GetObject"}, _FIRST),
    (
        "the same of one bucket's objects",
        {"action": "s3:GetObject", "resource": "arn:aws:s3:::scale-api/*"},
        _FIRST,
    ),
    (
        "the same with nothing assumed",
        {"action": "s3:GetObject", "assume": ["nothing"]},
        _WHOLE,
    ),
    ("sts:AssumeRole of one role", {"action": "sts:AssumeRole", "resource": _ROLE}, _FIRST),
    ("a whole service: s3:*", {"action": "s3:*"}, _WHOLE),
    ("a larger one: ec2:*", {"action": "ec2:*"}, _WHOLE),
)


def run() -> None:
    """Measure in a process of its own, since Django can be set up for one database only."""
    with seeded_servers() as environment:
        _measure(environment)


def _measure(environment: dict[str, str]) -> None:
    subprocess.run(
        [sys.executable, "-m", "benchmarks.who_can"], check=False, cwd=ROOT, env=environment
    )


def main() -> None:
    """Measure every question three times."""
    django.setup()
    from governance.posture.who_can import answer as answers
    from governance.posture.who_can import loading
    from governance.posture.who_can.question import read_question
    from inventory.models import Connection
    from inventory.viewing import Viewer

    connection = Connection.objects.get(slug=_SLUG)
    viewer = Viewer(sees_inventory=True)

    def ask(asked: dict[str, Any]) -> WhoCanAnswer:
        question = read_question(region=connection.home_region, **asked)
        return answers.who_can(viewer, connection=connection, question=question)

    def anew(asked: dict[str, Any]) -> Callable[[], object]:
        def call() -> object:
            answers.forget()
            return ask(asked)

        return call

    def cold() -> object:
        loading.forget()
        answers.forget()
        return ask({"action": "s3:ListAllMyBuckets"})

    rows: list[Row] = [measured("everyone read, and the first answer", [cold] * 3, _WHOLE)]
    figures: list[Figure] = []
    for name, asked, target in _QUESTIONS:
        asked = {**asked}
        if asked.get("resource") == _ROLE:
            account_id = ask({"action": "s3:GetObject"}).population.account_ids[9]
            asked["resource"] = _ROLE.format(account_id)
        rows.append(measured(name, [anew(asked)] * 3, target))
        found = ask(asked)
        figures.append(Figure(f"{name}: principals who may", len(found.rows)))
        figures.append(Figure(f"{name}: ways told apart", len(found.ways)))
        rows.append(measured(f"{name}: a page of 50", _pages(found), 0.15))
    print_table("Who can (10,000 accounts, 500,000 principals)", rows)
    print_figures("What the answers hold", figures)


def _pages(found: WhoCanAnswer) -> list[Callable[[], object]]:
    from governance.posture.who_can.listing import Filters, filtered, ordered
    from governance.posture.who_can.wording import described

    def page(start: int) -> object:
        kept = ordered(found, filtered(found, Filters()), "name", descending=False)
        return [
            described(found, int(row), found.way(int(row)).parts[0][1])
            for row in kept[start : start + 50]
        ]

    return [lambda start=start: page(start) for start in (0, 5_000, 40_000)]  # type: ignore[misc]


if __name__ == "__main__":
    main()
