"""Whole runs against the AWS simulator, over HTTP."""
