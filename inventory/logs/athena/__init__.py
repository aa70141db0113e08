"""CloudTrail's files read where they are, by Athena: for logs too many for one machine."""
