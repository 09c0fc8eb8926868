"""Keeps how a contact ended."""
