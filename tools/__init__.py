"""Programs of the checkout that are not part of what is installed: run as `python -m tools.<name>`."""
