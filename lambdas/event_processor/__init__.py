"""Keeps each event once."""
