"""Figures: what the operator costs, each beside a baseline of the same run. `python -m benchmarks`, see `__main__`.

Never part of a test by the clock: what is counted (calls, throttles, writes) is asserted, what is timed is told.
"""
