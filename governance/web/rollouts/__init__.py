"""The screens of rollouts: the rollout tab of a change request, the calendar, the locks."""
