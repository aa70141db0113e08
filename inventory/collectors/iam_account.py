"""What holds for a whole account: counters, password policy, aliases."""

from collections.abc import Iterator

from inventory.aws.client import AwsClient
from inventory.aws.errors import AwsNotFound
from inventory.collectors.collector import Action, Collector, Scope, Slice, alone
from inventory.records import AccountSettingRecord

# Names as in inventory.models.AccountSetting.Name.
SUMMARY = "account_summary"
PASSWORD_POLICY = "password_policy"  # noqa: S105 - the name of a setting
ALIASES = "account_aliases"


def collect_account_summary(iam: AwsClient) -> Iterator[AccountSettingRecord]:
    """Yield the account's counters and quotas.

    AWS: iam:GetAccountSummary.
    """
    yield AccountSettingRecord(SUMMARY, dict(iam.call("get_account_summary")["SummaryMap"]))


def collect_password_policy(iam: AwsClient) -> Iterator[AccountSettingRecord]:
    """Yield the password policy; None as its value if AWS says that the account has none.

    AWS: iam:GetAccountPasswordPolicy.
    """
    try:
        policy = iam.call("get_account_password_policy")["PasswordPolicy"]
    except AwsNotFound:
        yield AccountSettingRecord(PASSWORD_POLICY, None)
    else:
        yield AccountSettingRecord(PASSWORD_POLICY, dict(policy))


def collect_account_aliases(iam: AwsClient) -> Iterator[AccountSettingRecord]:
    """Yield the list of the account's aliases, at most one today.

    AWS: iam:ListAccountAliases.
    """
    aliases: list[str] = []
    for page in iam.pages("list_account_aliases"):
        aliases += page["AccountAliases"]
    yield AccountSettingRecord(ALIASES, sorted(aliases))


COLLECTORS = (
    Collector(
        name="iam.account_summary",
        label="Account summary",
        scope=Scope.GLOBAL,
        service="iam",
        actions=(Action("iam:GetAccountSummary", "counters and quotas of IAM"),),
        read=alone(collect_account_summary),
        covers=(Slice(AccountSettingRecord, {"name": SUMMARY}),),
    ),
    Collector(
        name="iam.password_policy",
        label="Password policy",
        scope=Scope.GLOBAL,
        service="iam",
        actions=(Action("iam:GetAccountPasswordPolicy", "the password policy"),),
        read=alone(collect_password_policy),
        covers=(Slice(AccountSettingRecord, {"name": PASSWORD_POLICY}),),
    ),
    Collector(
        name="iam.account_aliases",
        label="Account aliases",
        scope=Scope.GLOBAL,
        service="iam",
        actions=(Action("iam:ListAccountAliases", "the account's alias"),),
        read=alone(collect_account_aliases),
        covers=(Slice(AccountSettingRecord, {"name": ALIASES}),),
    ),
)
