"""The IAM calls that moto answers incompletely; all others are moto's.

Authorization details, the credential report, AWS managed policies and boundaries of users.
"""
