"""What CloudTrail recorded: its files read, each event's IAM actions, and usage counted from them.

Nothing here needs Django or a database. `reduce_files` is where to begin.
"""
