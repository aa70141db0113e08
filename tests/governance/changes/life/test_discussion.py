"""People comment on requests and their texts, and suggest other texts."""

from datetime import timedelta

import pytest

from governance.access.owners.acting import MayNot
from governance.audit.models import AuditEntry
from governance.changes.life.discussion import (
    CommentInvalid,
    NoSuchComment,
    SuggestionPassed,
    comment_add,
    is_outdated,
    suggestion_take_over,
    thread_resolve,
)
from governance.changes.life.drafting import change_create, change_edit
from governance.changes.life.reviews import excluded_people
from governance.changes.life.selectors import comments_of
from governance.changes.models import ChangeRequest
from tests.factories.edits import NOW, edited, region_lock
from tests.factories.people import person
from tests.governance.changes.life.conftest import acting, content

LATER = NOW + timedelta(minutes=5)
SUGGESTED = region_lock("eu-west-1", "eu-west-2")


@pytest.fixture
def asked(snapshot, author):
    """A request with a text of one line."""
    return change_create(
        by=acting(author),
        connection=snapshot.connection,
        content=content(edited("p-regio001", region_lock("eu-west-1"))),
        now=NOW,
    )


@pytest.fixture
def reviewer(db):
    return person("approver", username="brian")


def suggest(asked, reviewer):
    return comment_add(
        by=acting(reviewer),
        change_request_id=asked.pk,
        body="London as well",
        operation=0,
        line=0,
        suggestion=SUGGESTED,
        now=LATER,
    )


class TestComments:
    def test_stand_in_threads_and_on_record(self, asked, author, reviewer):
        first = comment_add(
            by=acting(reviewer),
            change_request_id=asked.pk,
            body="Why?",
            operation=0,
            line=0,
            now=LATER,
        )
        other = comment_add(
            by=acting(reviewer), change_request_id=asked.pk, body="When?", now=LATER
        )
        answer = comment_add(
            by=acting(author),
            change_request_id=asked.pk,
            body="Costs.",
            answers_id=first.pk,
            now=LATER,
        )
        deeper = comment_add(
            by=acting(reviewer),
            change_request_id=asked.pk,
            body="I see.",
            answers_id=answer.pk,
            now=LATER,
        )
        assert comments_of(asked) == [first, answer, deeper, other]
        assert (deeper.answers, deeper.operation, deeper.line) == (first, 0, 0)
        assert AuditEntry.objects.filter(action="change_request.comment").count() == 4

    def test_are_outdated_once_their_text_is_another(self, asked, author, reviewer):
        comment = suggest(asked, reviewer)
        assert not is_outdated(comment, asked)
        edited_since = change_edit(
            by=acting(author),
            change_request_id=asked.pk,
            revision=1,
            changes={"operations": (edited("p-regio001", "{}").as_json(),)},
            now=LATER,
        )
        assert is_outdated(comment, edited_since)

    @pytest.mark.parametrize(
        "said",
        [
            {"body": " "},
            {"body": "x" * 10_001},
            {"body": "\0"},
            {"body": "x", "operation": 1},
            {"body": "x", "operation": 0, "line": 1},
            {"body": "x", "line": 0},
            {"body": "x", "suggestion": "{}"},
        ],
    )
    def test_are_refused_where_they_are_about_nothing(self, asked, reviewer, said):
        with pytest.raises(CommentInvalid):
            comment_add(by=acting(reviewer), change_request_id=asked.pk, **said, now=LATER)

    def test_are_refused_to_who_only_reads(self, asked):
        for role in ("viewer", "auditor"):
            with pytest.raises(MayNot):
                comment_add(
                    by=acting(person(role)), change_request_id=asked.pk, body="x", now=LATER
                )

    def test_resolve_as_threads(self, asked, author, reviewer):
        first = suggest(asked, reviewer)
        answer = comment_add(
            by=acting(author),
            change_request_id=asked.pk,
            body="No.",
            answers_id=first.pk,
            now=LATER,
        )
        resolve = {"by": acting(author), "change_request_id": asked.pk, "now": LATER}
        assert thread_resolve(**resolve, comment_id=answer.pk).resolved_by == author
        first.refresh_from_db()
        assert first.resolved_at == LATER
        assert thread_resolve(**resolve, comment_id=first.pk, resolved=False).resolved_at is None


class TestSuggestion:
    def test_taken_over_is_in_the_request_and_excludes_who_made_it(self, asked, author, reviewer):
        comment = suggest(asked, reviewer)
        done = suggestion_take_over(
            by=acting(author), change_request_id=asked.pk, comment_id=comment.pk, now=LATER
        )
        assert done.operations[0]["text"] == SUGGESTED
        assert done.revision == 2
        assert excluded_people(done) == {author.pk, reviewer.pk}

    def test_not_taken_over_excludes_nobody(self, asked, author, reviewer):
        suggest(asked, reviewer)
        assert excluded_people(asked) == {author.pk}

    def test_is_taken_over_by_the_author_alone(self, asked, reviewer):
        comment = suggest(asked, reviewer)
        with pytest.raises(MayNot, match="only the author"):
            suggestion_take_over(
                by=acting(person("author")),
                change_request_id=asked.pk,
                comment_id=comment.pk,
                now=LATER,
            )

    def test_is_taken_over_once_and_only_into_the_text_it_was_made_for(
        self, asked, author, reviewer
    ):
        first, second = suggest(asked, reviewer), suggest(asked, reviewer)
        take = {"by": acting(author), "change_request_id": asked.pk, "now": LATER}
        suggestion_take_over(**take, comment_id=first.pk)
        with pytest.raises(SuggestionPassed, match="already"):
            suggestion_take_over(**take, comment_id=first.pk)
        with pytest.raises(SuggestionPassed, match="edited after"):
            suggestion_take_over(**take, comment_id=second.pk)

    def test_of_another_request_is_not_found(self, asked, draft, author, reviewer):
        comment = suggest(asked, reviewer)
        assert ChangeRequest.objects.count() == 2
        with pytest.raises(NoSuchComment):
            suggestion_take_over(
                by=acting(author), change_request_id=draft.pk, comment_id=comment.pk, now=LATER
            )
