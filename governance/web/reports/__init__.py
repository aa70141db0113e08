"""Reports of a subtree for auditors: asking for one, reading it, having it as a file."""
