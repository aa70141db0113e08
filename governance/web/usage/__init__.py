"""The screens of what was used and of what was denied, as CloudTrail recorded it."""
