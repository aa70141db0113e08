"""Calls: retried, counted, paged, and never taken for empty when they fail."""

import inspect
import re
import sys
from collections import defaultdict
from functools import partial

import pytest
from botocore.exceptions import ReadTimeoutError

from inventory.aws.errors import (
    AwsMalformed,
    AwsReadDenied,
    AwsReadFailed,
    AwsThrottled,
    AwsTimedOut,
)
from inventory.aws.pace import Pace, Rate
from inventory.aws.paging import paging
from inventory.aws.session import acting_client
from inventory.collectors import registry
from tests.inventory.stubs import stubbed


class Seconds:
    """A monotonic clock that only sleeping moves."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def aws():
    with stubbed("organizations") as aws:
        yield aws


class TestCalls:
    def test_counts_every_attempt_by_its_action(self, aws):
        aws.throttles("list_roots", 2)
        aws.answers("list_roots", {"Roots": []})
        aws.client.call("list_roots")
        assert aws.log.calls == {"organizations:ListRoots": 3}
        assert aws.log.throttled == 2

    def test_waits_longer_after_each_throttled_attempt(self, aws):
        aws.throttles("list_roots", 4)
        aws.answers("list_roots", {"Roots": []})
        aws.client.call("list_roots")
        assert aws.waits == [0.5, 1.0, 2.0, 4.0]

    def test_raises_when_throttled_until_patience_ends(self, aws):
        aws.throttles("list_roots", 8)
        with pytest.raises(AwsThrottled, match="organizations:ListRoots"):
            aws.client.call("list_roots")
        assert aws.log.throttled == 8

    def test_does_not_try_again_what_is_denied(self, aws):
        aws.refuses("list_roots")
        with pytest.raises(AwsReadDenied, match="organizations:ListRoots"):
            aws.client.call("list_roots")
        assert aws.log.calls == {"organizations:ListRoots": 1}

    def test_tries_again_what_failed_on_aws_side(self, aws):
        aws.refuses("list_roots", "ServiceException", http_status_code=500)
        aws.answers("list_roots", {"Roots": []})
        assert aws.client.call("list_roots") == {"Roots": []}

    def test_gives_up_a_fault_of_aws_after_four_attempts(self, aws):
        for _ in range(4):
            aws.refuses("list_roots", "ServiceException", http_status_code=500)
        with pytest.raises(AwsReadFailed, match="ServiceException"):
            aws.client.call("list_roots")

    def test_does_not_try_again_a_code_it_does_not_know(self, aws):
        aws.refuses("list_roots", "SomethingElse", http_status_code=400)
        with pytest.raises(AwsReadFailed, match="SomethingElse"):
            aws.client.call("list_roots")

    def test_says_timed_out_when_aws_does_not_answer(self, aws, monkeypatch):
        def hang(**_):
            raise ReadTimeoutError(endpoint_url="https://organizations.example")

        monkeypatch.setattr(aws.client, "_send", lambda operation, parameters: hang())
        with pytest.raises(AwsTimedOut, match="organizations:ListRoots"):
            aws.client.call("list_roots")
        assert aws.log.calls == {"organizations:ListRoots": 2}

    def test_waits_no_more_when_the_waiting_is_used_up(self):
        with stubbed("organizations", waiting_seconds=1.0) as aws:
            aws.throttles("list_roots", 3)
            with pytest.raises(AwsThrottled):
                aws.client.call("list_roots")
            assert sum(aws.waits) == 1.0

    def test_begins_no_call_after_its_time(self):
        with stubbed("organizations", ends_at=10.0, monotonic=lambda: 10.0) as aws:
            with pytest.raises(AwsTimedOut, match="used up"):
                aws.client.call("list_roots")
            assert not aws.log.calls


class TestPages:
    def test_asks_for_pages_until_none_is_named(self, aws):
        account = {"Id": "111111111111"}
        aws.answers("list_accounts", {"Accounts": [account], "NextToken": "a"})
        aws.answers("list_accounts", {"Accounts": [account], "NextToken": "b"}, NextToken="a")
        aws.answers("list_accounts", {"Accounts": [account]}, NextToken="b")
        assert len(list(aws.client.paginate("list_accounts", "Accounts"))) == 3

    def test_goes_on_after_an_empty_page(self, aws):
        aws.answers("list_accounts", {"Accounts": [], "NextToken": "a"})
        aws.answers("list_accounts", {"Accounts": [{"Id": "111111111111"}]}, NextToken="a")
        assert len(list(aws.client.paginate("list_accounts", "Accounts"))) == 1

    def test_raises_when_a_page_names_itself(self, aws):
        aws.answers("list_accounts", {"Accounts": [], "NextToken": "a"})
        aws.answers("list_accounts", {"Accounts": [], "NextToken": "a"}, NextToken="a")
        with pytest.raises(AwsMalformed, match="NextToken names the same page again"):
            list(aws.client.paginate("list_accounts", "Accounts"))

    def test_raises_when_a_truncated_answer_names_no_page(self):
        with stubbed("iam") as aws:
            aws.answers("list_account_aliases", {"AccountAliases": [], "IsTruncated": True})
            with pytest.raises(AwsMalformed, match="Marker is missing"):
                list(aws.client.pages("list_account_aliases"))

    def test_names_the_member_that_an_answer_lacks(self, aws):
        aws.answers("list_roots", {"Roots": [{"Name": "Root"}]})
        answer = aws.client.call("list_roots")
        with pytest.raises(AwsMalformed, match=r"ListRoots .* Roots\[\]\.Id is missing"):
            answer["Roots"][0]["Id"]


class TestPace:
    @pytest.fixture
    def seconds(self):
        return Seconds()

    @pytest.fixture
    def pace(self, seconds):
        return Pace(
            rates={"organizations:ListRoots": Rate(1, 2)},
            otherwise=Rate(8, 15),
            monotonic=seconds,
            sleep=seconds.sleep,
        )

    def test_lets_a_burst_go_at_once(self, pace, seconds):
        for _ in range(15):
            pace.wait("organizations:ListAccounts")
        assert seconds.now == 0

    def test_spaces_calls_after_the_burst(self, pace, seconds):
        for _ in range(15 + 16):
            pace.wait("organizations:ListAccounts")
        assert seconds.now == pytest.approx(2.0)

    def test_keeps_an_operation_to_its_own_rate(self, pace, seconds):
        for _ in range(5):
            pace.wait("organizations:ListRoots")
        assert seconds.now == pytest.approx(3.0)

    def test_halves_the_rate_when_throttled(self, pace):
        pace.throttled("organizations:ListAccounts")
        assert pace.calls_per_second("organizations:ListAccounts") == 4

    def test_rises_to_twice_the_rate_at_most(self, pace):
        for _ in range(1000):
            pace.succeeded("organizations:ListAccounts")
        assert pace.calls_per_second("organizations:ListAccounts") == 16

    def test_never_stops_altogether(self, pace):
        for _ in range(50):
            pace.throttled("organizations:ListAccounts")
        assert pace.calls_per_second("organizations:ListAccounts") > 0


class TestPaging:
    def test_takes_the_names_of_tokens_from_botocore(self):
        assert paging("iam", "ListAccountAliases").tokens == {"Marker": "Marker"}
        assert paging("cloudfront", "ListDistributions").tokens == {
            "Marker": "DistributionList.NextMarker"
        }

    def test_passes_on_every_token_where_an_operation_has_several(self):
        way = paging("s3", "ListObjectVersions")
        page = {"NextKeyMarker": "a", "NextVersionIdMarker": "b", "IsTruncated": True}
        assert way.next_tokens(page) == {"KeyMarker": "a", "VersionIdMarker": "b"}
        assert way.is_truncated(page)

    def test_refuses_an_operation_whose_pages_botocore_does_not_know(self):
        with pytest.raises(ValueError, match="iam:GetAccountSummary is paged"):
            paging("iam", "GetAccountSummary")
        with pytest.raises(ValueError, match=r"s3:ListObjects is paged by .* not supported"):
            paging("s3", "ListObjects")

    def test_knows_every_list_that_collectors_page(self):
        paged = re.compile(r'\.(?:paginate|pages)\(\s*"(\w+)"')
        services = defaultdict(set)
        for each in registry.COLLECTORS:
            services[sys.modules[function_of(each).__module__]].add(each.service)
        for module, called in services.items():
            names = {
                method: (service, operation)
                for service in called
                for method, operation in acting_client(
                    service, region="us-east-1"
                ).meta.method_to_api_mapping.items()
            }
            for method in paged.findall(inspect.getsource(module)):
                assert paging(*names[method]).tokens


def function_of(collector):
    read = collector.read
    if isinstance(read, partial):
        return read.func
    wrapped = inspect.getclosurevars(read).nonlocals.get("read", read)
    return wrapped.func if isinstance(wrapped, partial) else wrapped
