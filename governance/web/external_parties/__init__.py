"""The tab of external parties."""
