"""The evaluator decides random requests as the slow reference does.

`ORGWARDEN_EXAMPLES` sets how many; the default keeps the suite short.
"""

from __future__ import annotations

import json
import os

from hypothesis import HealthCheck, given, settings

from policies.cli.question import QuestionReader
from tests.policies.evaluation.random_questions import questions
from tests.policies.reference.from_question import reference_answer

EXAMPLES = int(os.environ.get("ORGWARDEN_EXAMPLES", "100"))
READER = QuestionReader()


class TestAgainstReference:
    @settings(
        max_examples=EXAMPLES,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(questions())
    def test_a_definite_answer_is_the_answer_for_every_value_of_the_unknown_keys(self, question):
        answer = json.loads(READER.answer(json.dumps(question)))
        expected = reference_answer(question)
        if answer["decision"] != "unknown":
            assert answer["decision"] == expected
            assert answer["unknown_keys"] == []
        elif not question["request"]["unknown_context"]:
            assert expected == "unknown"

    @settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
    @given(questions())
    def test_known_keys_only_decides_as_the_reference_does(self, question):
        question["request"]["unknown_context"] = []
        answer = json.loads(READER.answer(json.dumps(question)))
        assert answer["decision"] == reference_answer(question)

    @settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
    @given(questions())
    def test_the_second_answer_from_the_table_is_the_first(self, question):
        text = json.dumps(question)
        reader = QuestionReader()
        assert reader.answer(text) == reader.answer(text) == READER.answer(text)
