"""Random questions over a small vocabulary, in which most things happen to match now and then."""

from __future__ import annotations

from hypothesis import strategies as st

ACCOUNTS = ("111111111111", "222222222222")
MANAGEMENT = "999999999999"
PRINCIPALS = (
    "arn:aws:iam::111111111111:user/alice",
    "arn:aws:iam::111111111111:role/Dev",
    "arn:aws:iam::111111111111:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
    "arn:aws:sts::111111111111:assumed-role/Dev/joe",
    "arn:aws:sts::111111111111:federated-user/bob",
    "arn:aws:iam::111111111111:root",
    "arn:aws:iam::222222222222:role/Ext",
    "arn:aws:iam::999999999999:role/Admin",
    "lambda.amazonaws.com",
    "anonymous",
)
NAMED = (
    "*", {"AWS": "*"}, {"AWS": "111111111111"}, {"AWS": "arn:aws:iam::222222222222:root"},
    {"AWS": ["arn:aws:iam::111111111111:user/alice", "111111111111"]},
    {"AWS": "arn:aws:iam::111111111111:role/Dev"},
    {"AWS": "arn:aws:iam::222222222222:role/Ext"},
    {"AWS": ["arn:aws:sts::111111111111:assumed-role/Dev/joe",
             "arn:aws:iam::111111111111:role/Dev", "arn:aws:iam::111111111111:root"]},
    {"AWS": "arn:aws:sts::111111111111:federated-user/bob"},
    {"Service": "lambda.amazonaws.com"}, {"CanonicalUser": "79a59df9"},
)  # fmt: skip
ACTIONS = ("s3:GetObject", "kms:Decrypt", "kms:RetireGrant", "sts:AssumeRole", "ec2:RunInstances",
           "sts:GetCallerIdentity", "s3:BrandNew", "sts:GetSessionToken", "iam:DeleteRole",
           "kms:TagResource", "s3:PutBucketPolicy")  # fmt: skip
RESOURCES = {
    "s3": ("arn:aws:s3:::bucket/alice", "arn:aws:s3:::bucket/a"),
    "kms": ("arn:aws:kms:eu-west-1:111111111111:key/1",
            "arn:aws:kms:eu-west-1:111111111111:alias/aws/s3"),
    "sts": ("arn:aws:iam::111111111111:role/R", "*"),
    "iam": ("arn:aws:iam::111111111111:role/R",
            "arn:aws:iam::111111111111:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"),
    "ec2": ("arn:aws:ec2:eu-west-1:222222222222:instance/i", "*"),
}  # fmt: skip
ACTION_PATTERNS = ("*", "s3:*", "S3:get*", "kms:Decryp?", "sts:AssumeRole", "*:Decrypt", "ec2:*",
                   "kms:*", "sts:*", "iam:*")  # fmt: skip
RESOURCE_PATTERNS = ("*", "arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/${aws:username}",
                     "arn:aws:s3:::bucket/${aws:PrincipalTag/t, 'a'}", "arn:aws:*:*:111111111111:*",
                     "arn:aws:kms:*:key/1", "arn:aws:iam::*:role/?")  # fmt: skip

TEXTS = ("a", "b", "A", "a*", "ab*", "?", "*", "", "${aws:username}", "alice")
NUMBERS = ("5", "10", "10.0", "7", "x")
DATES = ("2026-01-01T00:00:00Z", "2026-01-01", "1767225600", "2027-06-01", "no")
RANGES = ("10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "2001:db8::/32", "0.0.0.0/0", "bad")
ARNS = ("arn:aws:iam::*:role/Dev", "arn:aws:iam::111111111111:*", "arn:aws:*", "*",
        "arn:aws:iam::*:user/a*")  # fmt: skip

FAMILIES = {
    "x:text": (("StringEquals", "StringNotEquals", "StringLike", "StringNotLike"), TEXTS),
    "x:fold": (("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"), TEXTS),
    "x:number": (
        ("NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericGreaterThanEquals"),
        NUMBERS,
    ),
    "x:date": (("DateEquals", "DateNotEquals", "DateLessThan", "DateGreaterThanEquals"), DATES),
    "x:ip": (("IpAddress", "NotIpAddress"), RANGES),
    "aws:PrincipalArn": (("ArnLike", "ArnNotLike", "ArnEquals"), ARNS),
    "x:bool": (("Bool",), ("true", "false", True)),
}
VALUES = {
    "x:text": TEXTS, "x:fold": TEXTS, "x:number": NUMBERS, "x:date": DATES,
    "x:ip": ("10.1.2.3", "10.2.0.1", "11.0.0.1", "2001:db8::1", "bad"),
    "aws:PrincipalArn": ("arn:aws:iam::111111111111:role/Dev",), "x:bool": ("true", "false", "x"),
}  # fmt: skip
SETS = ("", "", "", "ForAllValues:", "ForAnyValue:")


@st.composite
def conditions(draw):
    found: dict = {}
    for _ in range(draw(st.integers(0, 2))):
        key = draw(st.sampled_from(sorted(FAMILIES)))
        operators, values = FAMILIES[key]
        if draw(st.integers(0, 5)) == 0:
            operator, chosen = "Null", [draw(st.sampled_from(("true", "false")))]
        else:
            several = draw(st.sampled_from(SETS)) if key in ("x:text", "x:number") else ""
            operator = several + draw(st.sampled_from(operators))
            if draw(st.integers(0, 3)) == 0:
                operator += "IfExists"
            chosen = draw(st.lists(st.sampled_from(values), min_size=1, max_size=2))
        if draw(st.integers(0, 40)) == 0:
            operator = "StringResembles"
        found.setdefault(operator, {})[key] = chosen
    return found


@st.composite
def statements(draw, principal: bool, deny_only: bool = False):
    effect = "Deny" if deny_only else draw(st.sampled_from(("Allow", "Allow", "Deny")))
    statement: dict = {"Effect": effect}
    element = draw(st.sampled_from(("Action", "Action", "Action", "NotAction")))
    statement[element] = draw(st.lists(st.sampled_from(ACTION_PATTERNS), min_size=1, max_size=2))
    element = draw(st.sampled_from(("Resource", "Resource", "Resource", "NotResource")))
    patterns = st.sampled_from(RESOURCE_PATTERNS)
    chosen = draw(st.one_of(st.just(["*"]), st.lists(patterns, min_size=1, max_size=2)))
    statement["Resource" if chosen == ["*"] else element] = chosen
    if principal:
        element = draw(st.sampled_from(("Principal", "Principal", "NotPrincipal")))
        statement[element] = "*" if deny_only else draw(st.sampled_from(NAMED))
        if deny_only:
            statement["Principal"] = statement.pop(element)
    condition = draw(conditions())
    if condition:
        statement["Condition"] = condition
    return statement


@st.composite
def policies(draw, principal: bool = False, deny_only: bool = False):
    version = draw(st.sampled_from(("2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17", None)))
    found = {"Statement": draw(st.lists(statements(principal, deny_only), min_size=1, max_size=3))}
    return {"Version": version, **found} if version else found


FULL = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}


@st.composite
def levels(draw, principal: bool):
    targets = draw(st.lists(st.sampled_from(("r-1", "ou-1")), max_size=2, unique=True))
    found = []
    for target in targets:
        own = draw(st.lists(policies(principal, deny_only=principal), max_size=2))
        if draw(st.booleans()) and not principal:
            own.append(FULL)
        found.append({"target_id": target, "policies": own})
    return found


@st.composite
def questions(draw):
    """Draw a question in the command line's shape."""
    action = draw(st.sampled_from(ACTIONS))
    request = {
        "principal": draw(st.sampled_from(PRINCIPALS)),
        "action": action,
        "resource": draw(st.sampled_from(RESOURCES[action.split(":")[0]])),
    }
    if draw(st.integers(0, 2)) > 0:
        request["resource_account_id"] = draw(st.sampled_from((*ACCOUNTS, MANAGEMENT)))
    keys = draw(st.lists(st.sampled_from(sorted(VALUES)), max_size=4, unique=True))
    split = draw(st.integers(0, len(keys)))
    context = {}
    for key in keys[:split]:
        if key == "aws:PrincipalArn" and "assumed-role" in request["principal"]:
            context[key] = "arn:aws:iam::111111111111:role/Dev"
            continue
        values = st.sampled_from(VALUES[key])
        several = st.lists(values, max_size=3) if key in ("x:text", "x:number") else values
        context[key] = draw(st.one_of(values, several))
    request["context"] = context
    request["unknown_context"] = [
        *keys[split:][:2],
        *draw(st.sampled_from(([], [], [], ["aws:username"], ["kms:ResourceAliases"]))),
    ]
    question: dict = {"request": request}
    if draw(st.booleans()):
        question["organization"] = {"id": "o-1", "management_account_id": MANAGEMENT}
        question["service_control_policies"] = draw(levels(False))
    if draw(st.integers(0, 2)) == 0:
        question["resource_control_policies"] = draw(levels(True))
    question["identity_policies"] = draw(st.lists(policies(), max_size=2))
    for name, principal in (
        ("permission_boundary", False),
        ("session_policy", False),
        ("vpc_endpoint_policy", True),
    ):
        if draw(st.integers(0, 4)) == 0:
            question[name] = draw(policies(principal))
    if draw(st.booleans()):
        question["resource_policy"] = draw(policies(True))
    return question
