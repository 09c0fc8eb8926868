"""Hands configurations to flows."""
