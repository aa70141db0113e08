"""What a detection is about, in names."""

import pytest

from governance.detections.naming import subject_name

NAMES = {"222222222222": "payments", "p-1": "region-lock", "ou-1": "Workloads"}


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ("222222222222", "payments"),
        ("p-1", "region-lock"),
        ("p-gone0001", "p-gone0001"),
        ("Deploy in 222222222222", "Deploy in payments"),
        ("Deploy in 999999999999", "Deploy in 999999999999"),
        ("arn:aws:iam::222222222222:role/platform/Deploy", "Deploy in payments"),
        ("arn:aws:kms:eu-central-1:222222222222:key/1-2", "1-2 in payments"),
        ("arn:aws:iam::222222222222:root", "root in payments"),
        ("arn:aws:s3:::logs", "logs"),
        ("backup.amazonaws.com", "backup.amazonaws.com"),
        ("", ""),
    ],
)
def test_a_subject_is_called_by_the_names_of_its_account_and_policy(subject, name):
    assert subject_name(subject, NAMES) == name
