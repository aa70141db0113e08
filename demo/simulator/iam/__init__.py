"""The IAM calls that moto answers incompletely: authorization details, credential report,

AWS managed policies and boundaries of users. All other IAM calls are moto's.
"""
