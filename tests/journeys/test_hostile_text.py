"""A browser runs nothing of what stands in names, tags, policies and descriptions."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from demo.smoke.addresses import addresses
from demo.smoke.samples import stored_things
from tests.factories.hostile import hostile_organization
from tests.factories.people import person
from tests.journeys.conftest import OpenPage
from tests.journeys.looking import settled
from tests.journeys.test_every_screen import _is_page

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


class TestHostileText:
    def test_runs_on_no_screen(self, browser_page: OpenPage, visitor: User):
        client = Client()
        client.force_login(visitor)
        paths = [
            address.path
            for address in addresses(stored_things().parameters())
            if not address.path.startswith("/api/")
        ]
        screens = [path for path in paths if _is_page(client, path)]
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
