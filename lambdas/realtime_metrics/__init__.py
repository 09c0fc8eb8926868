"""Keeps the snapshot of load and opening hours that call routing reads."""
