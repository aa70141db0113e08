"""Every screen there is, found in the URL patterns: axe finds nothing, and nothing overflows."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Literal
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from playwright.sync_api import Page

from demo.smoke.addresses import addresses
from demo.smoke.samples import stored_things
from governance.access.groups import sync_groups
from tests.factories.rich_snapshots import DEPLOYER_ACCOUNT, rich_snapshot
from tests.journeys.conftest import (
    PASSWORD,
    OpenPage,
    accessible,
    fits_its_width,
    picture,
    sign_in,
)

ASKED = {
    "principal": f"arn:aws:iam::{DEPLOYER_ACCOUNT}:role/ci/Deployer",
    "action": "ec2:RunInstances",
    "resource": "*",
}
PARTS = 3
# What screens show beyond their first looks.
STATES = (
    f"/o/acme/why-denied/?{urlencode(ASKED)}",
    f"/o/acme/accounts/{DEPLOYER_ACCOUNT}/?policy_type=RESOURCE_CONTROL_POLICY",
    f"/o/acme/accounts/{DEPLOYER_ACCOUNT}/ceiling/s3/GetObject/"
    "?policy_type=RESOURCE_CONTROL_POLICY",
    f"/o/acme/accounts/{DEPLOYER_ACCOUNT}/ceiling/ec2/RunInstances/",
    "/o/acme/accounts/333333333331/",
    "/o/acme/accounts/555555555551/",
    "/o/acme/accounts/222222222223/coverage/",
    "/o/acme/accounts/?q=nothing-of-that-name",
    "/o/acme/accounts/?as_of=2020-01-01",
    "/o/acme/accounts/?sort=nonsense",
    "/o/acme/accounts/999999999999/",
    "/o/acme/findings/?as_of=2020-01-01",
)


@pytest.fixture
def visitor(transactional_db: None) -> User:
    """Somebody of the staff who may do all."""
    sync_groups()
    User.objects.create_user("administrator", password=PASSWORD)
    user = User.objects.create_user("staff", password=PASSWORD, is_staff=True)
    user.groups.add(*Group.objects.all())
    return user


@pytest.fixture
def pages(visitor: User) -> list[str]:
    """Every address of the product below which there is a page, a part or a file."""
    rich_snapshot("acme")
    found = list(addresses(stored_things().parameters()))
    assert [address for address in found if address.lacking] == []
    paths = [address.path for address in found if not address.path.startswith("/api/")]
    assert len(paths) > 50
    return [*paths, *STATES]


def _is_page(client: Client, path: str) -> bool:
    """Whether a page of its own answers, rather than a part of one, a file or a redirect."""
    if path in STATES:
        return True
    answer = client.get(path)
    if answer.streaming or answer.status_code != HTTPStatus.OK:
        return False
    return bytes(answer.content).lstrip()[:9].lower() == b"<!doctype"


class TestEveryScreen:
    # In parts, so that they can be walked side by side.
    @pytest.mark.parametrize("part", range(PARTS))
    def test_is_accessible_and_fits_in_light_and_dark(
        self, browser_page: OpenPage, pages: list[str], visitor: User, part: int
    ):
        client = Client()
        client.force_login(visitor)
        screens = [path for path in pages[part::PARTS] if _is_page(client, path)]
        assert len(screens) > 10
        page = browser_page()
        sign_in(page, visitor)
        problems: list[str] = []
        for number, path in enumerate(screens):
            _look(page, theme="light", width=1440)
            page.goto(path)
            picture(page, f"screen-{part}{number:02}-light-1440")
            problems += [f"{path}, light: {problem}" for problem in _problems(page)]
            # The same page again: what is drawn follows the theme and the width.
            _look(page, theme="dark", width=390)
            picture(page, f"screen-{part}{number:02}-dark-390")
            problems += [f"{path}, dark: {problem}" for problem in _problems(page)]
        if problems:
            pytest.fail("\n".join(problems))


def _look(page: Page, *, theme: Literal["light", "dark"], width: int) -> None:
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 900})


def _problems(page: Page) -> Iterator[str]:
    yield from accessible(page)
    if not fits_its_width(page):
        yield "it is wider than the window"
