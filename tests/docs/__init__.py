"""What the documentation says is run, read or looked up here."""
