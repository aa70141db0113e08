"""The two sides of drift are laid out as people read them, not as they are stored."""

import json

from governance.web.findings.sides import side_lines


def policy(text, **values):
    return {"name": "deny", "type": "SERVICE_CONTROL_POLICY", "digest": text, "text": text} | values


class TestSides:
    def test_a_policys_text_is_laid_out_and_its_digest_left_out(self):
        lines = side_lines(
            policy('{"Statement":[{"Effect":"Deny","Action":"ec2:*"}]}', targets=["r-ab12"]),
            policy('{"Statement":[{"Effect":"Deny","Action":"s3:*"}]}', targets=[]),
            opens=True,
        )
        changed = [(one.before.strip(), one.after.strip()) for one in lines if one.before_look]

        assert changed == [
            ("targets: r-ab12", "targets: none"),
            ('"Action": "ec2:*"', '"Action": "s3:*"'),
        ]
        assert not any("digest" in one.before or "\\" in one.before for one in lines)

    def test_a_roles_trust_policy_is_laid_out_too(self):
        was, now = (
            {"trust_policy": json.dumps({"Statement": [{"Principal": account}]}), "path": "/"}
            for account in ("111122223333", "444455556666")
        )
        lines = side_lines(was, now, opens=False)
        (changed,) = [one for one in lines if one.before_look == "other"]

        assert (changed.before.strip(), changed.after.strip()) == (
            '"Principal": "111122223333"',
            '"Principal": "444455556666"',
        )


def test_places_of_a_policy_are_named_by_their_way():
    side = {
        "name": "guard",
        "text": "{}",
        "targets": [{"id": "ou-ab12-test0001", "path": "Root / Test"}, {"id": "r", "path": "Root"}],
    }
    lines = [line.after for line in side_lines(None, side, opens=False)]
    assert "targets: Root / Test (ou-ab12-test0001), Root (r)" in lines
