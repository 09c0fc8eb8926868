"""Says who is calling."""
