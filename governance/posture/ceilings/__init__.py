"""What accounts and OUs may do at most, level by level, and which statements change nothing."""
