"""Detections: events in CloudTrail that somebody should look at, found by rules in files."""
