"""The table over a trail's files that an organization makes in Athena: its definition as text."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from typing import Final

from inventory.logs.athena.grouping import LogTable
from inventory.models import LogSource

_SESSION: Final = (
    "struct<attributes:struct<mfaauthenticated:string,creationdate:string>,"
    "sessionissuer:struct<type:string,principalid:string,arn:string,accountid:string,"
    "username:string>,sourceidentity:string,assumedroot:string,ec2roledelivery:string,"
    "webidfederationdata:struct<federatedprovider:string,attributes:map<string,string>>>"
)
_COLUMNS: Final = {
    "eventversion": "string",
    "useridentity": "struct<type:string,principalid:string,arn:string,accountid:string,"
    f"invokedby:string,accesskeyid:string,username:string,identityprovider:string,"
    f"sessioncontext:{_SESSION}>",
    "eventtime": "string",
    "eventsource": "string",
    "eventname": "string",
    "awsregion": "string",
    "sourceipaddress": "string",
    "useragent": "string",
    "errorcode": "string",
    "errormessage": "string",
    "requestparameters": "string",
    "responseelements": "string",
    "additionaleventdata": "string",
    "requestid": "string",
    "eventid": "string",
    "readonly": "string",
    "resources": "array<struct<arn:string,accountid:string,type:string>>",
    "eventtype": "string",
    "apiversion": "string",
    "recipientaccountid": "string",
    "serviceeventdetails": "string",
    "sharedeventid": "string",
    "vpcendpointid": "string",
    "vpcendpointaccountid": "string",
    "eventcategory": "string",
    "tlsdetails": "struct<tlsversion:string,ciphersuite:string,clientprovidedhostheader:string>",
}


def definition(source: LogSource, *, accounts: Collection[str], regions: Collection[str]) -> str:
    """Return the statement that makes a source's table, with partitions that need no upkeep.

    `accounts`, `regions`: of which partitions are; Athena reads the logs of no other.
    :raises ValueError: no account or region, or one that is none.
    """
    table = LogTable(source.athena_database, source.athena_table)
    if not accounts or not all(re.fullmatch(r"\d{12}", account) for account in accounts):
        raise ValueError("a table needs the ids of accounts, 12 digits each")
    if not regions or not all(re.fullmatch(r"[a-z0-9-]+", region) for region in regions):
        raise ValueError("a table needs the names of regions, such as eu-west-1")
    root = f"s3://{source.bucket}/{source.root}"
    columns = ",\n  ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
    properties = ",\n  ".join(
        f"'{name}' = '{value}'"
        for name, value in _properties(source.read_from, accounts, regions, root).items()
    )
    return f"""CREATE EXTERNAL TABLE {table.name} (
  {columns}
)
PARTITIONED BY (account string, region string, day string)
ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'
STORED AS INPUTFORMAT 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION '{root}'
TBLPROPERTIES (
  {properties}
)"""


def _properties(
    first: date, accounts: Collection[str], regions: Collection[str], root: str
) -> dict[str, str]:
    return {
        "projection.enabled": "true",
        "projection.account.type": "enum",
        "projection.account.values": ",".join(sorted(accounts)),
        "projection.region.type": "enum",
        "projection.region.values": ",".join(sorted(regions)),
        "projection.day.type": "date",
        "projection.day.format": "yyyy/MM/dd",
        "projection.day.range": f"{first:%Y/%m/%d},NOW",
        "projection.day.interval": "1",
        "projection.day.interval.unit": "DAYS",
        "storage.location.template": f"{root}${{account}}/CloudTrail/${{region}}/${{day}}",
    }
