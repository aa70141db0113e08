"""Reading CloudTrail files from the bucket of an organization into usage, day by day."""
