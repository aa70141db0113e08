"""What cannot be read, was not collected or is asked of too early is told as such, everywhere."""

import html
import re

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from demo.smoke.addresses import addresses
from demo.smoke.samples import stored_things
from governance.web.parts.ages import utc
from inventory.models import CollectedSpan, Principal
from tests.factories.connections import ConnectionFactory
from tests.factories.people import person
from tests.factories.policies import content
from tests.factories.rich_snapshots import rich_snapshot
from tests.factories.times import FIRST_RUN_AT

pytestmark = pytest.mark.django_db

# log-archive stands below a policy that cannot be read; nobody ever read what is in stray.
ARCHIVE, STRAY = "333333333331", "555555555551"
SECURITY = "ou-ab12-sec00001"
# Why denied keeps the question; what is found and completed for the editor is of now.
TELL_THEMSELVES = (
    "/why-denied/",
    "/why-denied/suggestions/",
    "/find/",
    "/simulator/completions/",
    "/simulator/checks/",
)


@pytest.fixture
def made():
    return rich_snapshot("acme")


@pytest.fixture
def show(client, made):
    """Show a page of the organization and return its text without markup."""
    client.force_login(person("security"))

    def show(name, *, status=200, query=None, **kwargs):
        answer = client.get(reverse(name, kwargs={"slug": "acme", **kwargs}), query or {})
        assert answer.status_code == status, answer.content
        written = re.sub(r"<[^>]*>", " ", answer.content.decode())
        return " ".join(written.replace("&#x27;", "'").split())

    return show


class TestATimeBeforeTheFirstRun:
    def test_is_answered_with_when_that_was_on_every_page(self, client, made):
        person("administrator", username="administrator")
        staff = User.objects.create(username="staff", is_staff=True, is_superuser=True)
        client.force_login(staff)
        things = stored_things().parameters()
        asked = 0
        for path in _of_organizations(things):
            answer = client.get(path, {"as_of": "2020-01-01"})
            if answer.status_code != 404:
                assert answer.status_code in {302, 405} or path.endswith(TELL_THEMSELVES), path
                continue
            asked += 1
            assert f"started at {utc(FIRST_RUN_AT)}" in answer.content.decode(), path
        assert asked > 30

    def test_is_no_reason_for_an_empty_file(self, client, made):
        client.force_login(person("viewer"))
        for name in ("accounts", "policies", "principals", "structure-findings"):
            address = reverse(name, kwargs={"slug": "acme"})
            answer = client.get(address, {"as_of": "2020-01-01", "format": "csv"})
            assert answer.status_code == 404

    def test_leads_to_the_first_run_and_back_to_now(self, client, made):
        client.force_login(person("viewer"))
        address = reverse("account", kwargs={"slug": "acme", "account_id": ARCHIVE})
        page = client.get(address, {"as_of": "2020-01-01", "assume": "nothing"})
        assert page.context["now_href"] == "?assume=nothing"
        first = client.get(address + page.context["first_href"])
        assert first.status_code == 200

    def test_is_no_matter_before_anything_was_read(self, client):
        ConnectionFactory.create(slug="fresh")
        client.force_login(person("viewer"))
        answer = client.get("/o/fresh/findings/structure/", {"as_of": "2020-01-01"})
        assert "Not collected yet" in answer.content.decode()


def _of_organizations(things):
    for address in addresses(things):
        if address.path.startswith("/o/acme/"):
            yield address.path


class TestAPolicyThatCannotBeRead:
    def test_is_shown_with_what_is_wrong_and_where(self, show, made):
        page = show("policy", policy_id=made.policies["broken"].policy_id)
        assert "The text ends where a value is missing" in page
        assert "line 1" in page.lower()

    @pytest.mark.parametrize("tab", ["", "-ceiling"])
    def test_counts_as_unknown_on_the_account_and_the_ou_it_touches(self, show, tab):
        for page in (
            show(f"account{tab}", account_id=ARCHIVE),
            show(f"organizational-unit{tab}", target_id=SECURITY),
        ):
            assert "Not known" in page
            assert "0 always" not in page

    def test_counts_as_unknown_in_every_service_and_action(self, show):
        service = show("account-ceiling-service", account_id=ARCHIVE, service="s3")
        assert "Not known" in service
        assert "Always" not in service.partition("Possible")[2]
        action = show(
            "account-ceiling-action", account_id=ARCHIVE, service="s3", action="GetObject"
        )
        assert "broken at Security cannot be read, so it may deny this action" in action

    def test_leaves_what_another_policy_surely_ends_ended(self, show):
        ended = show(
            "account-ceiling-action",
            account_id=ARCHIVE,
            service="organizations",
            action="LeaveOrganization",
        )
        assert "Never" in ended

    def test_makes_the_groups_of_accounts_it_touches_unknown(self, show):
        assert "a policy that applies to them cannot be read" in show(
            "organizational-unit-differences", target_id=SECURITY
        )

    def test_leaves_open_what_a_request_comes_to(self, show):
        asked = {
            "principal": f"arn:aws:iam::{ARCHIVE}:root",
            "action": "s3:GetObject",
            "resource": "*",
        }
        page = show("why-denied", query=asked)
        assert "Not known" in page
        assert "Cannot be read" in page

    def test_is_no_finding_and_not_fine_either(self, show):
        page = show("structure-findings")
        assert "cannot be read" in page.partition("not checked")[2]


class TestAnAccountThatIsNotCovered:
    def test_is_unknown_in_every_list(self, show):
        row = show("accounts", query={"q": STRAY}).partition("stray")[2]
        assert "Unknown" in row or "Never collected" in row or "Not known" in row
        assert "Never collected" in show("account", account_id=STRAY)

    def test_has_identities_that_are_not_known_rather_than_none(self, show):
        page = show("account-iam", account_id=STRAY)
        assert "Never collected" in page
        assert "has no" not in page
        listed = show("principals", query={"account_id": STRAY})
        assert "which principals it has is not known" in listed
        assert "No row matches" not in listed
        # Where IAM was read, nothing found is nothing there.
        assert "No row matches" in show("principals", query={"account_id": "222222222222"})

    def test_leaves_open_what_its_principals_may_do(self, show):
        asked = {
            "principal": f"arn:aws:iam::{STRAY}:role/Anything",
            "action": "sts:GetCallerIdentity",
            "resource": "*",
        }
        assert "never collected" in show("why-denied", query=asked)

    def test_is_denied_where_aws_refused_it(self, show):
        page = show("account-coverage", account_id="222222222223")
        assert "Denied" in page

    def test_is_no_place_that_findings_call_fine(self, show):
        CollectedSpan.objects.filter(account_id="222222222223").delete()
        not_known = show("structure-findings").partition("not checked")[2]
        assert "website" in not_known.partition("Checks")[0]


class TestAMessageThatCannotBeParsed:
    @pytest.mark.parametrize(
        ("pasted", "said"),
        [
            ("Service Unavailable", "holds no AccessDenied message and no CloudTrail event"),
            ("User is not authorized to perform: rds:ModifyDBInstance", "who was denied"),
            ('{"Version": "2012-10-17"', "line 1, column 25"),
            ('{"eventName": "GetObject"', "userIdentity of type none"),
        ],
    )
    def test_says_which_part_was_not_understood_and_keeps_the_text(
        self, client, made, pasted, said
    ):
        client.force_login(person("viewer"))
        answer = client.post(reverse("why-denied", kwargs={"slug": "acme"}), {"text": pasted})
        page = html.unescape(answer.content.decode())
        assert "Not understood" in page
        assert said in page
        assert pasted in page


class TestAnIamPolicyThatCannotBeRead:
    def test_is_told_on_its_principal(self, show):
        role = Principal.objects.get(name="Deployer")
        role.inline_policies = {"odd": content("{").sha256}
        role.save()
        page = show("principal", arn=role.arn)
        assert "odd" in page
        assert "Cannot be read" in page
        assert "line 1, column 2" in page
