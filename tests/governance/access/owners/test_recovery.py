"""Nobody comes into the account of somebody who decides on one administrator's word."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount

from governance.access.actors import command_actor
from governance.access.identities import identities_move
from governance.access.models import Profile
from governance.access.owners.deciding import MayNotDecide, grant_confirm, grant_refuse
from governance.access.owners.models import DeputyTerm, GrantProposal
from governance.access.owners.recovery import (
    RECOVERY_WINDOW,
    RecoveryNotConfirmed,
    recovery_propose,
    recovery_standing,
    why_decides,
)
from governance.access.people import (
    PersonInvalid,
    PersonValues,
    password_link,
    person_change,
    second_factors_remove,
)
from tests.factories.owners import OwnershipFactory, acting, acting_as, group_of
from tests.factories.people import UserFactory, give_role, person
from tests.governance.access.owners.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def by(db):
    """An administrator who acts."""
    return acting_as("administrator", username="root").actor


@pytest.fixture
def approver(db):
    made = person("approver", username="ann")
    made.refresh_from_db()
    return made


def confirmed(user, by, *, at=NOW):
    proposal = recovery_propose(actor=by, user=user, now=at)
    second = acting_as("security")
    return grant_confirm(by=second, proposal_id=proposal.pk, now=at), second


class TestWhyDecides:
    @pytest.mark.parametrize("role", ["approver", "security", "administrator"])
    def test_names_a_role_that_a_second_person_had_to_agree_to(self, role):
        assert why_decides(person(role), now=NOW) == f"holds the role {role}"

    def test_names_the_role_of_a_group_and_of_somebody_deactivated(self, ada):
        ada.is_active = False
        ada.save()
        give_role(group_of("approvers", ada), "approver")
        assert why_decides(ada, now=NOW) == "holds the role approver"

    @pytest.mark.parametrize("role", ["viewer", "author", "auditor"])
    def test_is_nothing_for_roles_that_decide_nothing(self, role):
        assert why_decides(person(role), now=NOW) == ""

    def test_is_nothing_once_the_role_has_ended_or_before_it_is_confirmed(self, ada):
        give_role(ada, "approver", ends_at=NOW)
        give_role(ada, "security", needs_confirmation=True)
        assert why_decides(ada, now=NOW) == ""

    def test_names_production_that_the_person_owns_alone_or_in_a_group(
        self, connection, target_id, ada, ben
    ):
        rows = {"connection": connection, "confirmed_at": NOW}
        OwnershipFactory.create(target_id=target_id("payments-test"), user=ada, **rows)
        assert why_decides(ada, now=NOW) == ""
        OwnershipFactory.create(target_id=target_id("Prod"), group=group_of("team", ada), **rows)
        assert "which is production" in why_decides(ada, now=NOW)
        assert why_decides(ben, now=NOW) == ""

    def test_names_production_for_which_the_person_is_a_deputy(
        self, connection, target_id, ada, ben
    ):
        OwnershipFactory.create(
            connection=connection, target_id=target_id("Prod"), user=ada, confirmed_at=NOW
        )
        DeputyTerm.objects.create(
            user=ada, deputy=ben, starts_at=NOW, ends_at=NOW + timedelta(days=1), created_at=NOW
        )
        assert "which is production" in why_decides(ben, now=NOW)
        assert why_decides(ben, now=NOW + timedelta(days=1)) == ""


class TestAnAccountThatDecides:
    def test_gets_no_password_link_before_a_second_person_has_confirmed(self, by, approver):
        with pytest.raises(RecoveryNotConfirmed, match="ann holds the role approver"):
            password_link(actor=by, user=approver, now=NOW)

        confirmed(approver, by)

        assert password_link(actor=by, user=approver, now=NOW)

    def test_keeps_its_second_factors_until_then(self, by, approver):
        Authenticator.objects.create(user=approver, type=Authenticator.Type.TOTP, data={})
        with pytest.raises(RecoveryNotConfirmed):
            second_factors_remove(actor=by, user=approver, now=NOW)
        assert Authenticator.objects.filter(user=approver).exists()

        confirmed(approver, by)

        assert second_factors_remove(actor=by, user=approver, now=NOW) == 1

    def test_takes_no_identity_of_another_account_until_then(self, by, approver):
        twin = UserFactory.create(username="twin")
        mine = SocialAccount.objects.create(user=twin, provider="sso", uid="me")
        with pytest.raises(RecoveryNotConfirmed):
            identities_move(actor=by, source=twin, target=approver, now=NOW)
        mine.refresh_from_db()
        assert mine.user == twin

        confirmed(approver, by)

        assert identities_move(actor=by, source=twin, target=approver, now=NOW) == 1

    def test_takes_no_other_address_where_the_provider_is_trusted_with_it(
        self, by, approver, settings
    ):
        other = PersonValues("ann", email="root@example.org")
        settings.OIDC_TRUST_EMAIL = True
        with pytest.raises(RecoveryNotConfirmed):
            person_change(actor=by, user_id=approver.pk, values=other, now=NOW)
        renamed = PersonValues("ann", first_name="Ann", email=approver.email.upper())
        assert person_change(actor=by, user_id=approver.pk, values=renamed, now=NOW)

        settings.OIDC_TRUST_EMAIL = False

        assert person_change(actor=by, user_id=approver.pk, values=other, now=NOW)

    def test_is_recovered_for_a_day_by_who_proposed_it_and_nobody_else(self, by, approver):
        confirmed(approver, by)
        third = acting_as("administrator").actor

        standing = recovery_standing(actor=by, user=approver, now=NOW)

        assert standing.until == NOW + RECOVERY_WINDOW
        with pytest.raises(RecoveryNotConfirmed):
            password_link(actor=third, user=approver, now=NOW)
        with pytest.raises(RecoveryNotConfirmed):
            password_link(actor=by, user=approver, now=NOW + RECOVERY_WINDOW)

    def test_is_not_recovered_by_who_proposes_nor_by_itself(self, by, approver):
        proposal = recovery_propose(actor=by, user=approver, now=NOW)
        give_role(approver, "security")
        proposer = GrantProposal.objects.get().proposed_by
        assert proposer is not None
        for one, words in ((proposer, "you proposed it"), (approver, "gain by it")):
            with pytest.raises(MayNotDecide, match=words):
                grant_confirm(by=acting(one), proposal_id=proposal.pk, now=NOW)

    def test_is_not_recovered_where_it_is_refused(self, by, approver):
        proposal = recovery_propose(actor=by, user=approver, now=NOW)
        assert recovery_propose(actor=by, user=approver, now=NOW) == proposal

        grant_refuse(by=acting_as("security"), proposal_id=proposal.pk, now=NOW)

        with pytest.raises(RecoveryNotConfirmed):
            password_link(actor=by, user=approver, now=NOW)
        assert recovery_propose(actor=by, user=approver, now=NOW) != proposal


class TestOnesOwnMailAddress:
    def test_is_not_changed_where_it_would_bring_others_roles_into_the_account(self, settings):
        settings.OIDC_TRUST_EMAIL = True
        mallory = person("viewer", username="mallory")
        own = acting(mallory).actor
        with pytest.raises(PersonInvalid, match="an administrator other than you"):
            person_change(
                actor=own,
                user_id=mallory.pk,
                values=PersonValues("mallory", email="ann@example.org"),
                now=NOW,
            )
        mallory.refresh_from_db()
        assert mallory.email == "mallory@example.org"
        renamed = PersonValues("mallory", first_name="Mal", email=mallory.email)
        assert person_change(actor=own, user_id=mallory.pk, values=renamed, now=NOW)


class TestNobodyElseIsNeeded:
    def test_for_an_account_that_decides_nothing(self, by):
        assert password_link(actor=by, user=person("author"), now=NOW)

    def test_by_the_person_and_by_a_command_on_the_server(self, approver):
        assert password_link(actor=acting(approver).actor, user=approver, now=NOW)
        assert password_link(actor=command_actor("tests"), user=approver, now=NOW)

    def test_but_it_is_where_a_program_asks(self, approver):
        program = person("administrator")
        Profile.objects.filter(user=program).update(kind=Profile.Kind.SERVICE_ACCOUNT)
        program.refresh_from_db()
        with pytest.raises(RecoveryNotConfirmed):
            password_link(actor=acting(program).actor, user=approver, now=NOW)
