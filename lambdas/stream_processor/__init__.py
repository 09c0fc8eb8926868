"""Counts the records of a stream per queue and minute."""
