"""What kind of identity a principal is: a human, a workload or automation."""
