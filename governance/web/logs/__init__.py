"""The screen of CloudTrail's logs: where they are, and how well they are known."""
