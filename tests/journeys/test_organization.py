"""People find their way from the organization to an account and a policy."""

import json
import re

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from governance.web.parts.chart_folds import MOST_DRAWN
from tests.factories.organization import AccountFactory
from tests.factories.snapshots import Snapshot
from tests.journeys.conftest import OpenPage
from tests.journeys.looking import NARROW, WIDE, seen, settled

PICTURES = (
    ("scps", "icicle"),
    ("denied", "treemap"),
    ("trust", "sunburst"),
    ("uncollected", "table"),
)


def tree(page: Page) -> Locator:
    """Return the tree table."""
    return page.get_by_role("treegrid")


class TestTheOrganizationScreen:
    def test_leads_from_the_tree_to_an_account_and_back(
        self, browser_page: OpenPage, snapshot: Snapshot, viewer: User
    ):
        page = browser_page(viewer)
        page.goto(reverse("organization", kwargs={"slug": snapshot.connection.slug}))
        tree(page).get_by_role("link", name="payments", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("payments")
        expect(page.get_by_text("FullAWSAccess not attached")).to_be_visible()
        page.get_by_role("navigation", name="Breadcrumb").get_by_role("link", name="Prod").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Prod")

    def test_closes_and_opens_a_unit_with_the_keyboard_alone(
        self, browser_page: OpenPage, snapshot: Snapshot, viewer: User
    ):
        page = browser_page(viewer)
        page.goto(reverse("organization", kwargs={"slug": snapshot.connection.slug}))
        log_archive = tree(page).get_by_role("link", name="log-archive")
        expect(log_archive).to_be_visible()
        page.get_by_role("button", name="Show what is in Security").focus()
        page.keyboard.press("ArrowLeft")
        expect(log_archive).to_be_hidden()
        page.keyboard.press("ArrowRight")
        expect(log_archive).to_be_visible()

    def test_keeps_what_is_closed_in_the_address_so_that_going_back_shows_it_again(
        self, browser_page: OpenPage, snapshot: Snapshot, viewer: User
    ):
        page = browser_page(viewer)
        page.goto(reverse("organization", kwargs={"slug": snapshot.connection.slug}))
        security = page.get_by_role("button", name="Show what is in Security")
        security.click()
        expect(page).to_have_url(re.compile(r"\?closed=ou-ab12-sec00001$"))
        tree(page).get_by_role("link", name="website").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("website")
        page.go_back()
        expect(tree(page).get_by_role("link", name="website")).to_be_visible()
        expect(tree(page).get_by_role("link", name="log-archive")).to_be_hidden()
        security.click()
        expect(page).to_have_url(re.compile("/organization/$"))

    def test_keeps_the_filter_in_the_address_and_shows_the_way_to_each_match(
        self, browser_page: OpenPage, snapshot: Snapshot, viewer: User
    ):
        page = browser_page(viewer)
        page.goto(reverse("organization", kwargs={"slug": snapshot.connection.slug}))
        page.get_by_label("Name, id, tag or policy").fill("website")
        page.keyboard.press("Enter")
        page.wait_for_url("**q=website**")
        expect(tree(page).get_by_role("link", name="website")).to_be_visible()
        expect(tree(page).get_by_role("link", name="Prod")).to_be_visible()
        expect(tree(page).get_by_role("link", name="log-archive")).to_have_count(0)


class TestThePicture:
    @pytest.fixture
    def organization(self, browser_page: OpenPage, snapshot: Snapshot, viewer: User) -> Page:
        page = browser_page(viewer)
        page.goto(reverse("organization", kwargs={"slug": snapshot.connection.slug}))
        expect(page.locator("#picture g.slice").first).to_be_visible()
        return page

    def test_switches_its_shape_and_measure_and_keeps_them_in_the_address(self, organization: Page):
        page = organization
        for shape in ("Treemap", "Sunburst"):
            page.get_by_role("link", name=shape).click()
            expect(page.locator(f"#picture .{shape.lower()}layer g.slice").first).to_be_visible()
            expect(page).to_have_url(re.compile(f"picture={shape.lower()}"))
            expect(page.get_by_role("link", name=shape)).to_be_focused()
        page.locator("#picture summary").click()
        page.get_by_role("link", name="Denied by SCPs").click()
        expect(page).to_have_url(re.compile("picture=sunburst&measure=denied"))
        expect(page.get_by_text("actions that SCPs deny in every request")).to_be_visible()

        assumed = "No longer assume: Principal is a role that no exemption names"
        page.get_by_role("link", name=assumed).click()
        expect(page).to_have_url(re.compile("assume=aws%3ARequestedRegion%3Dus-east-1$"))
        page.go_back()
        expect(page.get_by_role("link", name=assumed)).to_be_visible()
        expect(page.get_by_role("link", name="Sunburst")).to_have_attribute("aria-current", "true")

    def test_shows_the_same_as_a_table_in_the_same_order(self, organization: Page):
        page = organization
        drawn = page.locator("#picture script[type='application/json']").text_content()
        trace = json.loads(drawn or "")["data"][0]
        page.get_by_role("link", name="Table").click()
        rows = page.locator("#picture table.data tbody tr")
        expect(rows).to_have_count(len(trace["ids"]))
        told = [row.split("\t") for row in rows.all_inner_texts()]
        assert [row[0] for row in told] == trace["labels"]
        assert [row[1] for row in told] == [str(size) for size in trace["values"]]
        assert [row[2] for row in told] == [data[1] for data in trace["customdata"]]

    def test_selects_a_node_in_the_tree_and_the_address_by_a_click(self, organization: Page):
        page = organization
        page.get_by_role("link", name="Treemap").click()
        expect(page.locator("#picture .treemaplayer g.slice").first).to_be_visible()
        page.get_by_role("button", name="Show what is in Workloads").click()
        row = tree(page).get_by_role("row", name="website")
        expect(row).to_be_hidden()
        page.locator("#picture g.slice", has_text="website").locator("path.surface").click()
        expect(row).to_be_visible()
        expect(row).to_have_attribute("aria-selected", "true")
        expect(page).to_have_url(re.compile("at=222222222223"))
        page.get_by_label("Name, id, tag or policy").fill("pay")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("picture=treemap"))

    def test_is_gone_through_and_chosen_from_with_the_keyboard_alone(self, organization: Page):
        page = organization
        page.locator("#picture .chart-plot").focus()
        card = page.locator(".chart-card")
        expect(card).to_contain_text("Root")
        for key, name in (
            ("ArrowRight", "Security"),
            ("ArrowDown", "Suspended"),
            ("ArrowDown", "Workloads"),
            ("ArrowRight", "Prod"),
            ("ArrowLeft", "Workloads"),
        ):
            page.keyboard.press(key)
            expect(card).to_contain_text(name)
        expect(card).to_contain_text("3 accounts")
        expect(page.locator("#live")).to_have_text("Workloads, 3 accounts, 2 SCPs")
        page.keyboard.press("Enter")
        row = tree(page).get_by_role("row", name="Workloads")
        expect(row).to_have_attribute("aria-selected", "true")
        expect(page).to_have_url(re.compile("at=ou-ab12-work0001"))
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Draw only Workloads")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("navigation", name="Drawn within")).to_contain_text("Workloads")
        expect(page).to_have_url(re.compile("within=ou-ab12-work0001"))
        expect(page.locator("#picture .chart-plot")).to_be_focused()

    def test_opens_what_stands_for_many_with_the_keyboard_alone(
        self, browser_page: OpenPage, snapshot: Snapshot, viewer: User
    ):
        for number in range(MOST_DRAWN):
            AccountFactory.create(
                connection=snapshot.connection,
                parent=snapshot.units["Security"],
                name=f"many-{number:03}",
                seen_from=snapshot.accounts["payments"].seen_from,
            )
        page = browser_page(viewer)
        address = reverse("organization", kwargs={"slug": snapshot.connection.slug})
        page.goto(f"{address}?within=ou-ab12-sec00001")
        expect(page.locator("#picture g.slice")).to_have_count(MOST_DRAWN)
        page.locator("#picture .chart-plot").focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("End")
        expect(page.locator(".chart-card")).to_contain_text("3 more")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(f"first={MOST_DRAWN - 1}"))
        expect(page.locator("#picture g.slice")).to_have_count(4)
        expect(page.locator("#picture .chart-plot")).to_be_focused()
        page.go_back()
        expect(page.locator("#picture g.slice")).to_have_count(MOST_DRAWN)

    @pytest.mark.parametrize(("before", "after"), [(WIDE, NARROW), (NARROW, WIDE), (WIDE, 1100)])
    def test_is_drawn_for_the_width_that_the_window_gets(
        self, browser_page: OpenPage, snapshot: Snapshot, viewer: User, before: int, after: int
    ):
        page = browser_page(viewer, width=before)
        address = reverse("organization", kwargs={"slug": snapshot.connection.slug})
        page.goto(f"{address}?at=ou-ab12-prod0001")
        settled(page)
        page.set_viewport_size({"width": after, "height": 900})
        if after == NARROW:
            page.get_by_role("button", name="Picture").click()
        expect(page.locator("#picture g.slice").first).to_be_visible()
        settled(page)
        prod = page.locator("#picture g.slice", has_text="Prod").locator("path.surface")
        around = page.locator("#picture path.mark-selected")
        assert around.get_attribute("d") == prod.get_attribute("d")

    def test_says_that_it_could_not_be_read_and_tries_again(
        self, browser_page: OpenPage, snapshot: Snapshot, viewer: User
    ):
        page = browser_page(viewer)
        page.route("**/organization/picture/**", lambda route: route.fulfill(status=503))
        page.goto(reverse("organization", kwargs={"slug": snapshot.connection.slug}))
        expect(page.get_by_text("The picture could not be read")).to_be_visible()
        expect(tree(page).get_by_role("link", name="payments", exact=True)).to_be_visible()
        page.unroute("**/organization/picture/**")
        page.get_by_role("link", name="Try again").click()
        expect(page.locator("#picture g.slice").first).to_be_visible()

    @pytest.mark.parametrize("width", [WIDE, NARROW])
    def test_is_accessible_in_every_shape_both_themes_and_widths(
        self, browser_page: OpenPage, snapshot: Snapshot, viewer: User, width: int
    ):
        page = browser_page(viewer, width=width)
        address = reverse("organization", kwargs={"slug": snapshot.connection.slug})
        for measure, shape in PICTURES:
            page.goto(f"{address}?measure={measure}&picture={shape}&at=ou-ab12-prod0001")
            if width == NARROW:
                page.get_by_role("button", name="Picture").click()
            shown = page.locator("#picture g.slice, #picture table.data").first
            expect(shown).to_be_visible()
            assert seen(page, f"picture-{measure}-{shape}", widths=[width]) == []


class TestTheTreeByKeys:
    def test_is_one_stop_of_the_tab_key_and_arrows_go_through_it(
        self, browser_page: OpenPage, snapshot: Snapshot, viewer: User
    ):
        page = browser_page(viewer)
        page.goto(reverse("organization", kwargs={"slug": snapshot.connection.slug}))
        root = page.get_by_role("button", name="Show what is in Root")
        root.focus()
        assert (
            page.locator("table.tree [tabindex='0']").count()
            == root.locator("xpath=ancestor::tr//*[self::a or self::button or @tabindex]").count()
        )
        page.keyboard.press("End")
        expect(page.locator("table.tree tr:last-child :focus")).to_have_count(1)
        page.keyboard.press("Home")
        expect(root).to_be_focused()
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("button", name="Show what is in Security")).to_be_focused()
        page.keyboard.press("ArrowRight")
        expect(tree(page).get_by_role("link", name="log-archive")).to_be_focused()
        page.keyboard.press("ArrowLeft")
        expect(page.get_by_role("button", name="Show what is in Security")).to_be_focused()

    def test_goes_on_with_the_first_row_that_a_button_brought(
        self, browser_page: OpenPage, snapshot: Snapshot, viewer: User
    ):
        for number in range(60):
            AccountFactory.create(
                connection=snapshot.connection,
                parent=snapshot.units["Security"],
                name=f"many-{number:03}",
                seen_from=snapshot.accounts["payments"].seen_from,
            )
        page = browser_page(viewer)
        address = reverse("organization", kwargs={"slug": snapshot.connection.slug})
        page.goto(f"{address}?at=ou-ab12-sec00001")
        more = page.get_by_role("button", name="Show 11 more accounts")
        more.focus()
        page.keyboard.press("Enter")
        expect(tree(page).get_by_role("link", name="many-049")).to_be_focused()
