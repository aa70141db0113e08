"""Roles that a provider's claims give, where such a role decides over others."""

from datetime import timedelta

import pytest
from allauth.socialaccount.models import SocialAccount
from django.utils import timezone

from governance.access.actors import command_actor
from governance.access.claims import claim_rule_create, claim_rule_delete, roles_from_claims
from governance.access.models import ClaimRule
from governance.access.owners.deciding import CannotDecide, grant_confirm, grant_refuse
from governance.access.owners.models import GrantProposal
from governance.access.role_assignments import EVERYWHERE
from tests.factories.owners import acting_as
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db


def rule_of(actor, role="security"):
    return claim_rule_create(
        actor=actor,
        provider_id="sso",
        value="sec",
        role=role,
        place=EVERYWHERE,
        now=timezone.now(),
    )


def sign_in(user):
    SocialAccount.objects.get_or_create(
        user=user,
        provider="sso",
        uid=str(user.pk),
        defaults={"extra_data": {"userinfo": {"groups": ["sec"]}}},
    )
    given = roles_from_claims(user=user, now=timezone.now())
    return {row.role for row in given}


class TestARuleForADecidingRole:
    def test_gives_it_once_a_second_person_has_confirmed_the_rule(self, settings):
        settings.OIDC_GROUPS_CLAIM = "groups"
        vera, by = UserFactory.create(), acting_as("administrator")
        rule = rule_of(by.actor)
        assert rule.waits
        assert sign_in(vera) == set()
        proposal = GrantProposal.objects.get(claim_rule=rule)
        assert (proposal.kind, proposal.what) == ("claim", "sec gives security")

        with pytest.raises(CannotDecide, match="you proposed it"):
            grant_confirm(by=by, proposal_id=proposal.pk, now=timezone.now())
        gaining = acting_as("security")
        sign_in(gaining.user)
        with pytest.raises(CannotDecide, match="you would gain"):
            grant_confirm(by=gaining, proposal_id=proposal.pk, now=timezone.now())
        grant_confirm(by=acting_as("security"), proposal_id=proposal.pk, now=timezone.now())

        assert sign_in(vera) == {"security"}

    def test_is_gone_where_it_is_refused(self):
        rule = rule_of(acting_as("administrator").actor)
        proposal = GrantProposal.objects.get(claim_rule=rule)
        grant_refuse(by=acting_as("security"), proposal_id=proposal.pk, now=timezone.now())
        assert not ClaimRule.objects.exists()

    def test_withdraws_its_proposal_where_it_is_removed(self):
        by = acting_as("administrator")
        rule = rule_of(by.actor)
        claim_rule_delete(actor=by.actor, rule_id=rule.pk, now=timezone.now())
        assert GrantProposal.objects.get().state == "expired"

    def test_holds_at_once_for_other_roles_and_by_commands(self):
        assert not rule_of(acting_as("administrator").actor, role="viewer").waits
        assert not rule_of(command_actor("tests")).waits


class TestRoles:
    def test_lapse_by_the_sign_in_whose_claim_named_them_and_not_by_one_elsewhere(self, settings):
        settings.OIDC_ROLE_HOURS = 24
        rule_of(command_actor("tests"), role="viewer")
        vera, now = UserFactory.create(), timezone.now()
        sign_in(vera)
        SocialAccount.objects.update(last_login=now - timedelta(hours=23))
        SocialAccount.objects.create(user=vera, provider="other", uid="v", extra_data={})

        (held,) = roles_from_claims(user=vera, now=now)

        held.refresh_from_db()
        assert held.ends_at == now + timedelta(hours=1)
        assert roles_from_claims(user=vera, now=now + timedelta(hours=1)) == []
        assert not vera.role_assignments.exists()
