"""The simulator: drafts of edits, an editor for policies, and what the edits would do."""
