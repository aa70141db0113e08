"""The style page shows every component."""

import pytest
from django.urls import reverse

from governance.web.parts.states import STATES
from tests.factories.people import UserFactory, person

pytestmark = pytest.mark.django_db


class TestStylePage:
    def test_shows_every_component_to_staff(self, client):
        client.force_login(UserFactory.create(is_staff=True))

        answer = client.get(reverse("style"))

        page = answer.content.decode()
        assert answer.status_code == 200
        for look in STATES.values():
            assert look.word in page
        for class_name in (
            "state-note",
            "level-stack",
            "diff-box",
            "json-box",
            "coverage",
            "meter",
        ):
            assert class_name in page

    def test_is_refused_with_the_reason_to_everybody_else(self, client):
        client.force_login(person("administrator"))

        answer = client.get(reverse("style"))

        assert answer.status_code == 403
        assert "This page is for staff." in answer.content.decode()
