"""Settings that hold once a second person has confirmed them."""

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from governance.access.actors import user_actor
from governance.approvals.forms import SettingInvalid, form_of
from governance.approvals.models import SettingVersion
from governance.approvals.rules import APPROVAL_RULES
from governance.approvals.settings import (
    CannotChangeSetting,
    MayNotChangeSetting,
    NoSuchSettingVersion,
    SettingMoved,
    active_setting,
    approval_rules,
    lone_person_words,
    setting_confirm,
    setting_propose,
    setting_refuse,
    setting_versions,
    setting_withdraw,
)
from governance.audit.actors import Actor
from governance.audit.models import AuditEntry
from inventory.viewing import Place
from tests.factories.people import person
from tests.governance.approvals.conftest import NOW

KIND = SettingVersion.Kind.APPROVAL_RULES


@pytest.fixture
def kim(db):
    return person("administrator", username="kim")


@pytest.fixture
def content(connection):
    return {**APPROVAL_RULES.default(connection), "expire_after_days": 3}


@pytest.fixture
def propose(connection, content):
    def proposed(user, base_version=0, **values):
        given = {"content": content, "actor": user_actor(user), **values}
        return setting_propose(
            user=user, connection=connection, kind=KIND, base_version=base_version, now=NOW, **given
        )

    return proposed


@pytest.fixture
def decide(connection):
    def decided(service, user, version=1):
        return service(
            actor=user_actor(user),
            user=user,
            connection=connection,
            kind=KIND,
            version=version,
            now=NOW,
        )

    return decided


@pytest.mark.django_db
class TestALonePerson:
    def confirm(self, connection, reason="first set-up"):
        call_command("confirm_setting", connection.slug, KIND, "1", reason=reason)

    def test_is_confirmed_on_the_server_with_a_reason(self, connection, propose, content, sam):
        propose(sam)
        with pytest.raises(CommandError, match="Give a reason"):
            self.confirm(connection, reason=" ")
        self.confirm(connection)
        assert active_setting(connection, KIND) == (1, content)
        (row,) = setting_versions(connection, KIND)
        assert (row.by_command, row.decided_by) == (True, None)
        entry = AuditEntry.objects.get(action="setting.confirm_alone")
        assert entry.actor_kind == "command"
        assert (entry.after or {})["confirmed_because"] == "first set-up"

    def test_is_not_where_a_second_person_could(self, connection, propose, sam, kim, capsys):
        propose(sam)
        with pytest.raises(CommandError, match="A second person can confirm it: kim"):
            self.confirm(connection)
        call_command("confirm_setting")
        assert f"{connection.slug} approval_rules 1" in capsys.readouterr().out


@pytest.mark.django_db
class TestSettings:
    def test_the_defaults_hold_until_somebody_else_confirms(
        self, connection, propose, decide, content, sam, kim
    ):
        propose(sam)
        assert active_setting(connection, KIND)[0] == 0
        decide(setting_confirm, kim)
        assert active_setting(connection, KIND) == (1, content)
        assert approval_rules(connection).expire_after_days == 3
        assert list(AuditEntry.objects.order_by("pk").values_list("action", "actor_name")) == [
            ("setting.propose", "sam"),
            ("setting.confirm", "kim"),
        ]

    def test_nobody_confirms_or_refuses_what_they_proposed(self, propose, decide, sam, kim):
        propose(sam)
        for service in (setting_confirm, setting_refuse):
            with pytest.raises(MayNotChangeSetting):
                decide(service, sam)
        with pytest.raises(MayNotChangeSetting):
            decide(setting_withdraw, kim)
        assert decide(setting_withdraw, sam).state == "withdrawn"

    def test_the_database_itself_refuses_one_person_in_both_hats(self, propose, sam):
        row = propose(sam)
        with pytest.raises(IntegrityError, match="second_person"), transaction.atomic():
            SettingVersion.objects.filter(pk=row.pk).update(
                state="active", decided_by=sam, decided_at=NOW
            )

    def test_a_lone_person_is_told_that_nobody_else_may_confirm(
        self, connection, propose, decide, sam
    ):
        propose(sam)
        assert "Nobody else may confirm this" in lone_person_words(connection, sam.pk)
        with pytest.raises(MayNotChangeSetting, match="Nobody else may confirm this"):
            decide(setting_confirm, sam)
        person("administrator")
        assert lone_person_words(connection, sam.pk) == ""

    def test_one_proposal_waits_at_a_time_and_each_is_of_the_active_version(
        self, connection, propose, decide, content, sam, kim
    ):
        propose(sam)
        with pytest.raises(CannotChangeSetting, match="version 1 waits"):
            propose(kim)
        decide(setting_confirm, kim)
        with pytest.raises(SettingMoved, match="version 1 is active now"):
            propose(sam)
        with pytest.raises(CannotChangeSetting, match="nothing differs"):
            propose(sam, base_version=1)
        propose(kim, base_version=1, content={**content, "expire_after_days": 9})
        decide(setting_confirm, sam, 2)
        assert [(one.version, one.state) for one in setting_versions(connection, KIND)] == [
            (2, "active"),
            (1, "superseded"),
        ]

    def test_what_was_decided_is_not_decided_again(self, propose, decide, sam, kim):
        propose(sam)
        decide(setting_refuse, kim)
        with pytest.raises(CannotChangeSetting, match="is refused already"):
            decide(setting_confirm, kim)
        with pytest.raises(NoSuchSettingVersion):
            decide(setting_confirm, kim, 2)

    def test_tokens_and_people_without_the_right_for_all_of_it_are_refused(
        self, connection, target_id, propose, sam, ada
    ):
        narrow = person("security", Place(connection.pk, target_id("Workloads")))
        for user in (ada, narrow):
            with pytest.raises(MayNotChangeSetting, match="needs the right"):
                propose(user)
        by_token = Actor(kind="person", user_id=sam.pk, name="sam", token_id=1)
        with pytest.raises(MayNotChangeSetting, match="never by a token"):
            propose(sam, actor=by_token)

    def test_a_content_that_is_wrong_is_refused_by_its_places(self, propose, content, sam):
        with pytest.raises(SettingInvalid) as refused:
            propose(sam, content={**content, "expire_after_days": 0, "colour": "red"})
        assert refused.value.errors["expire_after_days"] == "give a number from 1 to 365"
        assert refused.value.errors["colour"].startswith("there is no such member")
        assert not SettingVersion.objects.exists()

    @pytest.mark.parametrize("kind", SettingVersion.Kind.values)
    def test_the_defaults_of_every_kind_are_a_valid_content(self, connection, kind):
        form = form_of(kind)
        default = form.default(connection)
        assert form.clean(connection, default) == default
