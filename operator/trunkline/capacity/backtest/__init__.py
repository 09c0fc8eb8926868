"""What a policy would have done on days that are known: minute by minute, against others and against foresight. Pure."""
