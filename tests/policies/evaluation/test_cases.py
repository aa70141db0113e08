"""Every case is decided as it says, through the library and through the command line."""

from __future__ import annotations

import io
import json

import pytest

from policies.cli.dispatch import main
from policies.cli.question import QuestionReader
from policies.cli.streams import Streams
from tests.policies.evaluation_cases import Named, evaluation_cases
from tests.policies.reference.from_question import reference_answer

CASES = evaluation_cases()


def named(cases: list[Named]) -> list[object]:
    return [pytest.param(item.case, id=f"{item.topic}: {item.case['name']}") for item in cases]


class TestEvaluationCases:
    @pytest.mark.parametrize("case", named(CASES))
    def test_decides_as_the_guide_says(self, case):
        explanation = QuestionReader().explain(json.dumps(case["question"]))
        decision, decided_by, unknown_keys = explanation.decision
        assert (decision, list(decided_by), list(unknown_keys)) == (
            case["decision"],
            case["decided_by"],
            sorted(key.lower() for key in case["unknown_keys"]),
        )

    @pytest.mark.parametrize("case", named(CASES))
    def test_the_reference_agrees(self, case):
        assert reference_answer(case["question"]) == case["decision"]

    def test_the_command_line_answers_all_of_them_in_order(self):
        lines = "".join(json.dumps(item.case["question"]) + "\n" for item in CASES)
        output = io.StringIO()
        streams = Streams(io.BytesIO(lines.encode()), output, io.StringIO())
        assert main(["evaluate"], streams) == 0
        answers = [json.loads(line) for line in output.getvalue().splitlines()]
        assert [
            (answer["decision"], answer["decided_by"], answer["unknown_keys"]) for answer in answers
        ] == [
            (item.case["decision"], item.case["decided_by"], sorted(item.case["unknown_keys"]))
            for item in CASES
        ]

    def test_there_are_cases_enough_and_each_names_its_rule_and_page(self):
        assert len(CASES) >= 250
        assert all(item.case["rule"] and item.case["source"] for item in CASES)
