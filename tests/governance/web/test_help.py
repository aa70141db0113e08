"""Concepts are said in two sentences, beside them and on the help page."""

import re

import pytest
from django.template import Context, Engine
from django.urls import reverse

from governance.presentation.concepts import CONCEPTS
from tests.factories.people import UserFactory
from tests.journeys.looking import ROOT

_USED = re.compile(r'concept="([a-z-]+)"|\{% help "([a-z-]+)" %\}')


class TestConcepts:
    @pytest.mark.parametrize("key", CONCEPTS)
    def test_take_two_sentences_and_name_a_document(self, key):
        concept = CONCEPTS[key]

        assert len(re.findall(r"[.!?](?:\s|$)", concept.text)) == 2
        assert (ROOT / concept.document).is_file()

    def test_stand_beside_what_they_name(self):
        used = set()
        for path in (ROOT / "templates").rglob("*.html"):
            for pair in _USED.findall(path.read_text(encoding="utf-8")):
                used |= {key for key in pair if key}

        assert used == set(CONCEPTS)

    def test_are_opened_by_a_mark_with_a_name(self):
        drawn = Engine.get_default().from_string('{% load look %}{% help "ceiling" %}')

        page = drawn.render(Context())

        assert "What Ceiling means" in page
        assert CONCEPTS["ceiling"].text in page
        assert f'href="{reverse("help")}#ceiling"' in page

    @pytest.mark.django_db
    def test_are_all_on_a_page_for_everybody(self, client):
        client.force_login(UserFactory.create())

        page = client.get(reverse("help")).content.decode()

        for key in CONCEPTS:
            assert f'id="{key}"' in page
