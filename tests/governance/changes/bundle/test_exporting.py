"""A bundle of a change request is checked offline, and whatever was bent in it is found."""

import importlib.util
import json
from pathlib import Path

import pytest

from governance.access.actors import system_actor, user_actor
from governance.approvals.models import Review
from governance.audit import actions
from governance.audit.models import AuditCheckpoint
from governance.audit.sealing import checkpoint_make
from governance.changes.bundle.exporting import bundle_json, bundle_zip, change_bundle
from governance.changes.evidence.making import make_evidence
from governance.changes.evidence.storing import evidence_store
from governance.changes.life.transitions import change_record, locked_request, transition
from governance.changes.models import JournalEntry, Rollout
from governance.changes.planning.steps import AwsCall, Step
from governance.changes.rollout.journal import write_intent
from governance.changes.states import ChangeState
from tests.factories.audit import NOW as SIGNED_AT
from tests.factories.audit import signing_key_file
from tests.factories.change_requests import change_request
from tests.factories.edits import NOW
from tests.factories.people import person
from tests.factories.policies import denying

pytestmark = pytest.mark.django_db

SCRIPT = Path(__file__).resolve().parents[4] / "docs" / "verify_audit.py"
_spec = importlib.util.spec_from_file_location("verify_audit_of_bundles", SCRIPT)
assert _spec is not None
assert _spec.loader is not None
script = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(script)

SYSTEM = system_actor("tests")


@pytest.fixture
def key(settings, tmp_path):
    settings.AUDIT_SIGNING_KEY_FILE = signing_key_file(tmp_path)


@pytest.fixture
def asked(snapshot, key):
    """A request that was checked, approved by a second person, and is being applied."""
    author, reviewer = person("author"), person("approver", username="lena")
    operations = [
        {"kind": "update_policy", "policy_id": "p-regio001", "text": denying("ec2:*")},
        {"kind": "detach_policy", "policy_id": "p-insta001", "target_id": "222222222223"},
    ]
    made = change_request(snapshot.connection, author, operations=operations)
    request = locked_request(made.pk)
    transition(request, ChangeState.CHECKING, actor=SYSTEM, now=NOW)
    evidence = make_evidence(request, now=NOW)
    request.evidence, request.plan_sha256 = evidence_store(evidence), evidence.plan_sha256
    change_record(
        request,
        actor=SYSTEM,
        action=actions.CHANGE_CHECK,
        now=NOW,
        after={"evidence_sha256": evidence.sha256},
    )
    transition(request, ChangeState.IN_REVIEW, actor=SYSTEM, now=NOW)
    entry_id = change_record(
        request,
        actor=user_actor(reviewer),
        action=actions.CHANGE_REVIEW,
        now=NOW,
        after={"verdict": "approve", "digest": request.plan_sha256},
    )
    Review.objects.create(
        connection=snapshot.connection,
        subject_kind="change_request",
        subject_id=str(request.pk),
        digest=request.plan_sha256,
        reviewer=reviewer,
        verdict="approve",
        audit_entry_id=entry_id,
        created_at=NOW,
    )
    transition(request, ChangeState.APPROVED, actor=user_actor(reviewer), now=NOW)
    transition(request, ChangeState.APPLYING, actor=SYSTEM, now=NOW)
    rollout = Rollout.objects.create(
        change_request=request, plan={}, plan_sha256=request.plan_sha256, started_at=NOW
    )
    given = {"PolicyId": "p-insta001", "TargetId": "222222222223"}
    step = Step(1, 1, AwsCall.DETACH_POLICY, given)
    write_intent(request, rollout, step, given, attempt=1, now=NOW)
    JournalEntry.objects.create(
        rollout=rollout,
        step=1,
        phase=JournalEntry.Phase.ANSWER,
        call="DetachPolicy",
        outcome="done",
        recorded_at=NOW,
    )
    return request


def keys():
    return [script.PublicKey(AuditCheckpoint.objects.latest("number").public_key)]


@pytest.fixture
def bundle(asked):
    """The bundle as a file holds it, with every entry covered by a checkpoint."""
    checkpoint_make(now=SIGNED_AT)
    return json.loads(bundle_json(change_bundle(asked)))


def test_a_whole_bundle_verifies(bundle):
    entries, notes = script.verify_bundle(bundle, keys())
    assert notes == []
    assert len(entries) == len(bundle["audit"]["proofs"]) == 7
    assert bundle["audit"]["not_proven"] == []


def test_the_script_reads_the_zip_and_the_json(asked, bundle, tmp_path, capsys):
    made = change_bundle(asked)
    assert bundle_zip(made) == bundle_zip(made)
    key = AuditCheckpoint.objects.latest("number").public_key
    for name, content in (("a.zip", bundle_zip(made)), ("a.json", bundle_json(made).encode())):
        path = tmp_path / name
        path.write_bytes(content)
        assert script.main(["bundle", str(path), "--public-key", key]) == 0
        assert (
            "Verified: change request 1, 'Close eu-west-3', is applying" in capsys.readouterr().out
        )


def test_what_no_checkpoint_covers_yet_is_said(asked):
    checkpoint_make(now=SIGNED_AT)
    transition(asked, ChangeState.HALTED, actor=SYSTEM, now=NOW)
    late = json.loads(bundle_json(change_bundle(asked)))
    _, notes = script.verify_bundle(late, keys())
    assert notes == [f"entry {late['audit']['not_proven'][0]} is not covered by a checkpoint"]


def bend_text(bundle):
    bundle["request"]["operations"][0]["text"] = denying("s3:*")


def bend_evidence(bundle):
    bundle["evidence"][0]["content"]["revision"] = 2


def bend_conclusions(bundle):
    bundle["evidence"][0]["conclusions"]["differences"] = []
    bundle["evidence"][0]["conclusions"]["more"] = 1


def bend_review(bundle):
    bundle["reviews"][0]["verdict"] = "reject"


def bend_reviewer(bundle):
    bundle["reviews"][0]["reviewer_id"] = bundle["request"]["author_id"]


def bend_review_entry(bundle):
    bundle["reviews"][0]["audit_entry"] = None


def bend_journal(bundle):
    bundle["rollouts"][0]["journal"][0]["call"] = "AttachPolicy"


def bend_intent(bundle):
    del bundle["rollouts"][0]["journal"][0]


def bend_state(bundle):
    bundle["request"]["state"] = "applied"


def bend_entry(bundle):
    proof = bundle["audit"]["proofs"][0]
    proof["entry"] = proof["entry"].replace("tests", "other")


def drop_state(bundle):
    del bundle["audit"]["proofs"][2]


def bend_number(bundle):
    bundle["request"]["number"] = 2


@pytest.mark.parametrize(
    ("bend", "message"),
    [
        (bend_text, "the plan's digest is not that of its operations"),
        (bend_evidence, "its content has another digest"),
        (bend_conclusions, "its conclusions have another digest"),
        (bend_review, "the review by lena is another in the audit log"),
        (bend_reviewer, "the review by lena is another in the audit log"),
        (bend_review_entry, "the review by lena has no audit entry"),
        (bend_journal, "is another call in the audit log"),
        (bend_intent, "nobody noted the call before it"),
        (bend_state, "the audit log says applying"),
        (bend_entry, "does not lead to the root"),
        (drop_state, "begins with in_review, it was checking"),
        (bend_number, "is not about change request 2"),
    ],
)
def test_what_was_bent_is_found(bundle, bend, message):
    bend(bundle)
    with pytest.raises(script.NotVerified, match=message):
        script.verify_bundle(bundle, keys())


def test_an_approval_by_somebody_who_took_part_is_found(bundle):
    bundle["request"]["contributor_ids"] = [bundle["reviews"][0]["reviewer_id"]]
    with pytest.raises(script.NotVerified, match="lena approved what they had a part in"):
        script.verify_bundle(bundle, keys())
