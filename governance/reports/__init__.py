"""Reports of a subtree for auditors: made once by a worker, read as a page or as files."""
