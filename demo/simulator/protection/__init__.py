"""CloudTrail, Config, GuardDuty, Security Hub, Access Analyzer, EC2's defaults and contacts.

moto has some of it, but neither organization trails in member accounts nor IMDS defaults, Access
Analyzer and contacts, and makes a default VPC wherever it is asked. Here all of it is seeded data
that a few writes change, so that what was switched off in AWS can be seen by the next run.
"""
