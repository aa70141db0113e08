"""What is found of a page that does not read aloud, go by keyboard or fit at twice the size."""

from tests.journeys.conftest import OpenPage
from tests.journeys.looking import at_twice_the_size
from tests.journeys.reading import by_keyboard, read_aloud

GOOD = """<!doctype html><main><h1>Accounts</h1><h2>Active</h2>
<a href="/">payments</a> <button>Remove</button> <label>Name <input></label></main>"""
BAD = """<!doctype html><style>#unseen:focus { outline: none }
#far { position: absolute; left: 900px }
#top { position: fixed; top: 0; height: 40px; width: 100%;
  z-index: 5 } #covered { position: absolute; top: 9px }</style>
<div id="top"></div>
<h3>Active</h3>
<a id="first" tabindex="2" href="/">first</a>
<main><a id="covered" href="/">covered</a> <button id="unseen"></button>
<button id="far">far</button> <span style="cursor: pointer">pick</span></main>"""


class TestReading:
    def test_finds_nothing_on_a_page_that_is_well_made(self, browser_page: OpenPage):
        page = browser_page()
        page.set_content(GOOD)

        assert [*by_keyboard(page), *at_twice_the_size(page), *read_aloud(page)] == []

    def test_finds_what_is_unreached_unseen_lost_and_without_a_name(self, browser_page: OpenPage):
        page = browser_page()
        page.set_content(BAD)

        keys = "\n".join(by_keyboard(page))
        assert "tabindex changes the order: a #first" in keys
        assert "focus is not seen: button #unseen" in keys
        assert "is covered: a #covered" in keys
        assert "only a pointer reaches span" in keys
        lost = at_twice_the_size(page)
        assert "the page scrolls sideways" in lost
        assert 'is outside the window: BUTTON "far"' in lost
        heard = read_aloud(page)
        assert "a button has no name" in heard
        assert "not one heading of the first level" in heard
