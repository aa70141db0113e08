"""One request under a whole organization's policies: the decision, and why.

Source of the rules: IAM user guide, "Policy evaluation logic" and the pages it leads to;
Organizations user guide, "SCP evaluation" and "RCP evaluation". Each rule names its page where it
is built.
"""
