"""What is wrong is found on every page, however much of the like was examined before."""

from playwright.sync_api import Page

from tests.journeys.axe import examined
from tests.journeys.looking import seen

TEXT = '<p style="color: {color}; background: {behind}">{text}</p>'

FRAMED = '<html lang="en"><title>Framed</title>{}<main><h1>Screen</h1></main></html>'


def shown(page: Page, *texts: str) -> list[str]:
    body = "".join(texts)
    page.set_content(f'<html lang="en"><title>Colours</title><main>{body}</main></html>')
    return [one.partition(": ")[2] for one in seen(page, "colours", widths=[1440])]


def readable(text: str) -> str:
    return TEXT.format(color="#111", behind="#fff", text=text)


def faint(text: str, *, behind: str = "#fff") -> str:
    return TEXT.format(color="#ccc", behind=behind, text=text)


class TestContrast:
    def test_is_found_wanting_on_each_page_that_shows_the_same(self, browser_page):
        page = browser_page()
        for text in ("once", "again"):
            found = shown(page, readable("good"), faint(text))
            assert len(found) == 2, "once in each theme"
            assert all(one.startswith("color-contrast: p:nth-child(2) ") for one in found)

    def test_is_examined_again_where_something_else_is_drawn_behind(self, browser_page):
        page = browser_page()
        assert shown(page, faint("on black", behind="#000")) == []
        assert len(shown(page, faint("on grey", behind="#bbb"))) == 2
        inside = '<div style="background: #ddd"><p style="color: #ccc">on its parent</p></div>'
        assert len(shown(page, inside)) == 2

    def test_leaves_out_what_nobody_sees(self, browser_page):
        hidden = '<p style="color: #ccc; position: absolute; left: -999px">away</p>'
        assert shown(browser_page(), readable("good"), hidden) == []


class TestFrame:
    def test_is_found_wanting_on_each_page_and_where_what_it_refers_to_is_gone(self, browser_page):
        page = browser_page()
        nameless = "<header><button></button></header>"
        page.set_content(FRAMED.format(nameless))
        assert [one.partition(": ")[0] for one in examined(page)] == ["button-name"]
        assert [one.partition(": ")[0] for one in examined(page)] == ["button-name"]
        labelled = '<header><input aria-labelledby="name"></header>'
        page.set_content(FRAMED.format(f'{labelled}<p id="name">Name</p>'))
        assert examined(page) == []
        assert examined(page) == []
        page.set_content(FRAMED.format(labelled))
        assert [one.partition(": ")[0] for one in examined(page)] == ["label"]

    def test_around_a_page_hides_nothing_of_what_is_wrong_in_it(self, browser_page):
        page = browser_page()
        frame = FRAMED.format("<header><button>Find</button></header>{}")
        page.set_content(frame.format(""))
        assert examined(page) == []
        page.set_content(frame.format("<button></button>"))
        told = "\n".join(examined(page))
        assert "button-name: body > button " in told
        assert "inner text that is visible" in told
