"""From the calls that came to the calls that will: profile, level, calendar, intraday update, quantiles. Pure, stdlib.

Everything is keyed by local date and slot of the local clock, never by index: days on which nobody was open, and those
of 23 and 25 hours, must not shift the rest.
"""
