"""Says which queue a call goes to."""
