"""Structure findings: the list, and each with its evidence."""
