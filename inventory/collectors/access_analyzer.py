"""IAM Access Analyzer's analyzers of a region."""

from collections.abc import Iterator
from typing import Final

from inventory.aws.client import AwsClient
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.service_reading import rows_of
from inventory.records import ServiceConfigurationRecord
from inventory.service_facts import ANALYZER

_EXTERNAL: Final = frozenset({"ACCOUNT", "ORGANIZATION"})
_ORGANIZATION: Final = "ORGANIZATION"


def collect_analyzers(accessanalyzer: AwsClient) -> Iterator[ServiceConfigurationRecord]:
    """Yield the region's analyzers.

    AWS: access-analyzer:ListAnalyzers.
    """
    for each in accessanalyzer.paginate("list_analyzers", "analyzers", maxResults=100):
        reason = each.get("statusReason") or {}
        yield ANALYZER.record(
            {
                "type": each["type"],
                "organization": each["type"].startswith(_ORGANIZATION),
                "external_access": each["type"] in _EXTERNAL,
                "status": each["status"],
                "status_reason": reason.get("code") or "",
            },
            region=accessanalyzer.region,
            name=each["name"],
            arn=each["arn"],
        )


COLLECTORS = (
    Collector(
        name=ANALYZER.collector,
        label="Access Analyzer",
        scope=Scope.REGIONAL,
        service="accessanalyzer",
        actions=(
            Action(
                "access-analyzer:ListAnalyzers",
                "analyzers and their zone of trust",
                given={"maxResults": 1},
            ),
        ),
        read=alone(collect_analyzers),
        covers=rows_of(ANALYZER),
    ),
)
