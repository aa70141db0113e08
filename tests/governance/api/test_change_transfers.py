"""Change requests come from files, leave as files and as bundles, and are undone."""

import base64
import io
import zipfile

import pytest
from rest_framework.test import APIClient

from governance.access import rights
from governance.audit.sealing import checkpoint_make
from governance.changes.models import ChangeRequest
from inventory.viewing import Place
from tests.factories.audit import NOW as SIGNED_AT
from tests.factories.audit import signing_key_file
from tests.factories.change_requests import change_request, with_evidence
from tests.factories.edits import NOW, PROD, TEST
from tests.factories.people import person, token_of
from tests.factories.policies import denying
from tests.governance.api.test_changes import LIST, client_of

DETACH = {"kind": "detach_policy", "policy_id": "p-insta001", "target_id": "222222222223"}
YAML = """\
title: Guard production
revert_at: 2036-12-01T00:00:00Z
operations:
  - {kind: attach_policy, policy: unattached, target: Prod}
rings:
  - {name: Test first, targets: [Prod], soak_minutes: 15, gate: manual}
"""


@pytest.fixture
def author(db):
    return person("author", username="ada")


@pytest.fixture
def ada(author):
    return client_of(author)


def imported(client, content, name="change.yaml", **members):
    return client.post(
        f"{LIST}/import", {"name": name, "content": content, **members}, format="json"
    )


class TestImport:
    def test_makes_a_draft_of_a_file(self, acme, ada):
        told = imported(ada, YAML, reason="By the pipeline").json()
        assert (told["title"], told["reason"]) == ("Guard production", "By the pipeline")
        assert told["operations"] == [
            {"kind": "attach_policy", "policy_id": "p-unatt001", "target_id": PROD}
        ]
        assert told["rings"][0]["soak_minutes"] == 15
        ends = ChangeRequest.objects.get().revert_at
        assert ends is not None
        assert ends.year == 2036

    def test_takes_a_zip_as_base64_from_a_token(self, acme, author):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("SERVICE_CONTROL_POLICY/deny-regions.json", denying("s3:*"))
        _, token = token_of(author, rights.PROPOSE_CHANGE, rights.VIEW_INVENTORY)
        client = APIClient(HTTP_AUTHORIZATION=f"Bearer {token}")
        answer = imported(
            client,
            base64.b64encode(buffer.getvalue()).decode(),
            "policies.zip",
            encoding="base64",
            title="Texts from Git",
        )
        assert answer.status_code == 201, answer.json()
        assert answer.json()["operations"][0]["kind"] == "update_policy"

    @pytest.mark.parametrize(
        ("content", "members", "pointer", "said"),
        [
            (YAML.replace("unattached", "nobody"), {}, "#/content", "change.yaml, line 4"),
            ("not base64!", {"encoding": "base64"}, "#/content", "not base64"),
            (YAML.replace("2036-12", "soon"), {}, "#/content", "revert_at"),
        ],
    )
    def test_says_what_is_wrong_and_where(self, acme, ada, content, members, pointer, said):
        answer = imported(ada, content, **members)
        assert answer.status_code == 400
        (error, *_) = answer.json()["errors"]
        assert error["pointer"].startswith(pointer)
        assert said in str(error)
        assert not ChangeRequest.objects.exists()

    def test_asks_for_the_right_where_something_changes(self, acme):
        narrow = client_of(person("author", Place(acme.connection.pk, TEST)))
        assert imported(narrow, YAML).status_code in {400, 403}


@pytest.fixture
def handed_out(acme, author):
    made = change_request(
        acme.connection,
        author,
        applied="elsewhere",
        operations=[DETACH],
        object_ids=["p-insta001", "222222222223"],
    )
    with_evidence(made, as_of=NOW)
    ChangeRequest.objects.update(state="handed_out")
    return made


class TestFiles:
    def test_hold_the_approved_plan(self, handed_out, ada):
        told = ada.get(f"{LIST}/1/files").json()
        assert told["plan_sha256"] == handed_out.plan_sha256
        names = [one["name"] for one in told["files"]]
        assert "terraform/main.tf" in names
        assert "cloudformation/template.yaml" in names

    def test_are_given_of_approved_plans_alone(self, handed_out, ada):
        ChangeRequest.objects.update(state="in_review")
        answer = ada.get(f"{LIST}/1/files")
        assert answer.status_code == 409
        assert "only an approved plan" in answer.json()["detail"]


class TestBundle:
    def test_holds_the_request_with_its_proofs(self, handed_out, settings, tmp_path):
        settings.AUDIT_SIGNING_KEY_FILE = signing_key_file(tmp_path)
        checkpoint_make(now=SIGNED_AT)
        told = client_of(person("auditor")).get(f"{LIST}/1/bundle").json()
        assert told["format"] == "orgwarden-change-bundle/1"
        assert told["request"]["operations"] == [DETACH]
        assert set(told["audit"]) == {"proofs", "not_proven"}

    def test_is_for_who_may_read_the_audit_log_of_all_of_it(self, handed_out, ada, acme):
        assert ada.get(f"{LIST}/1/bundle").status_code == 403
        narrow = client_of(person("auditor", Place(acme.connection.pk, PROD)))
        assert narrow.get(f"{LIST}/1/bundle").status_code in {403, 404}


class TestUndo:
    def test_makes_a_draft_that_takes_it_back(self, handed_out, ada):
        assert ada.post(f"{LIST}/1/undo").status_code == 409
        ChangeRequest.objects.update(state="applied")
        told = ada.post(f"{LIST}/1/undo").json()
        assert told["state"] == "draft"
        assert told["operations"] == [{**DETACH, "kind": "attach_policy"}]
