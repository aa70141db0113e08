"""A browser runs nothing of what stands in names, tags, policies and descriptions."""

import re

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from demo.smoke.addresses import addresses
from demo.smoke.samples import stored_things
from tests.factories.hostile import hostile_organization
from tests.factories.people import person
from tests.journeys.conftest import OpenPage
from tests.journeys.looking import settled
from tests.journeys.test_every_screen import page_at

# By what scripts and styles find the elements they work on.
HOOKS = re.compile(r"\s((?:data|hx)-[\w-]+)=|\sclass=\"([^\"]+)\"")

# What could run sets `window.hostile`; `held` tells whether the page's policies let it write HTML.
_STATE = """() => ({
  hostile: window.hostile ?? null,
  isolated: [...document.querySelectorAll("main td, main a, main h1, main b")].every(
    (element) => getComputedStyle(element).unicodeBidi.startsWith("isolate")),
})"""
_WRITE = """(html) => {
  const box = document.createElement("div");
  try { box.innerHTML = html; } catch (error) { return error.name; }
  return "written";
}"""


@pytest.fixture
def visitor(transactional_db: None) -> User:
    """Somebody of the staff who may do all, and a hostile organization."""
    person("administrator", username="administrator")
    user = person("administrator", username="staff", is_staff=True)
    user.groups.add(*Group.objects.all())
    hostile_organization("acme", owner=user)
    return user


def _screens_with_something_new(client: Client, paths: list[str]) -> list[str]:
    """Return screens that have all there is for scripts and styles to work on, each once.

    What HTML alone would do is judged of every page without a browser, in
    `tests/governance/web/test_every_page.py`.
    """
    met: set[str] = set()
    screens: list[str] = []
    for path in paths:
        found = HOOKS.findall(page_at(client, path))
        hooks = {
            one for attribute, classes in found for one in (attribute, *classes.split()) if one
        }
        if hooks - met:
            met |= hooks
            screens.append(path)
    return screens


class TestHostileText:
    def test_runs_on_no_screen(self, browser_page: OpenPage, visitor: User):
        client = Client()
        client.force_login(visitor)
        paths = [
            address.path
            for address in addresses(stored_things().parameters())
            if not address.path.startswith("/api/")
        ]
        screens = _screens_with_something_new(client, paths)
        assert len(screens) > 30
        page = browser_page(visitor)
        asked: list[str] = []
        page.on("dialog", lambda dialog: asked.append(dialog.message))
        for path in screens:
            page.goto(path)
            settled(page)
            state = page.evaluate(_STATE)
            assert state == {"hostile": None, "isolated": True}, path
        assert asked == []

    def test_could_not_even_be_written_by_a_script(self, browser_page: OpenPage, visitor: User):
        page = browser_page(visitor)
        page.goto("/o/acme/accounts/")
        assert page.evaluate(_WRITE, "<iframe srcdoc='x'></iframe>") == "TypeError"
        assert page.evaluate(_WRITE, "<script>window.hostile=1</script>") == "TypeError"
        assert page.evaluate(_WRITE, "<a href=' java\tscript:1'>x</a>") == "TypeError"
        assert page.evaluate(_WRITE, "<template><script>1</script></template>") == "TypeError"
        assert page.evaluate(_WRITE, "<tr><td>plain</td></tr>") == "written"
