"""The demonstration: the embedded stack, the AWS simulator and the demo organization."""
