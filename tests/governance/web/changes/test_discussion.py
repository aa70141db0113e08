"""What people say of a request, on its page."""

import pytest
from django.utils import timezone

from governance.changes.models import ChangeComment
from tests.factories.change_requests import change_request
from tests.factories.edits import region_lock
from tests.factories.people import UserFactory, person

TEXT = region_lock("eu-west-1").replace('": ', '":\n ')


@pytest.fixture
def asked(snapshot, author):
    """A draft that edits a text."""
    return change_request(
        snapshot.connection,
        author,
        operations=[{"kind": "update_policy", "policy_id": "p-regio001", "text": TEXT}],
        object_ids=["p-regio001"],
        created_at=timezone.now(),
    )


@pytest.fixture
def say(asked, client, address):
    """Send the form of a comment."""

    def post(**fields):
        href = address("change-request-comment", number=asked.number)
        return client.post(href, fields, follow=True).content.decode()

    return post


class TestDiscussion:
    def test_shows_threads_on_the_request_and_on_lines(self, asked, say):
        page = say(body="Why <now>?")
        assert "Why &lt;now&gt;?" in page

        page = say(body="This region is wrong.", operation="0", line="2")

        assert "Line 3 of edit 1" in " ".join(page.split())
        assert page.count("This region is wrong.") == 2

    def test_answers_stand_below_what_they_answer(self, asked, say):
        say(body="First")
        say(body="Reply", answers=str(ChangeComment.objects.get().pk))

        first = ChangeComment.objects.get(answers=None)
        assert [one.body for one in first.replies.all()] == ["Reply"]

    def test_lets_the_author_take_a_suggestion_over(self, asked, client, address, say):
        client.force_login(person("approver"))
        other = region_lock("eu-west-1", "eu-west-2")
        say(body="Better", operation="0", suggestion=other)
        client.force_login(asked.author)
        comment = ChangeComment.objects.get()
        page = client.get(address("change-request-discussion", number=asked.number))
        assert "Accept this text" in page.content.decode()

        href = address("change-request-comment-act", number=asked.number, comment_id=comment.pk)
        page = client.post(href, {"act": "take-over"}, follow=True).content.decode()

        asked.refresh_from_db()
        assert asked.operations[0]["text"] == other
        assert "The suggested text is in the change now." in page
        assert "Accepted" in page

    def test_resolves_a_thread_and_opens_it_again(self, asked, client, address, say):
        say(body="Fine?")
        comment = ChangeComment.objects.get()
        href = address("change-request-comment-act", number=asked.number, comment_id=comment.pk)

        page = client.post(href, {"act": "resolve"}, follow=True).content.decode()
        assert "Resolved by" in page
        client.post(href, {"act": "reopen"})

        comment.refresh_from_db()
        assert comment.resolved_at is None

    def test_says_why_a_comment_was_not_stored(self, asked, say):
        page = say(body="x", operation="0", line="9999")

        assert "The text has" in page
        assert not ChangeComment.objects.exists()

    def test_is_read_only_for_those_who_may_not_take_part(self, asked, client, address):
        client.force_login(person("viewer"))
        page = client.get(address("change-request-discussion", number=asked.number))
        assert "No comments yet" in page.content.decode()
        assert "comment-body" not in page.content.decode()

        client.force_login(UserFactory.create())
        page = client.get(address("change-request-discussion", number=asked.number))
        assert page.status_code in {403, 404}
