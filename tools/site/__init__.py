"""The documentation site: what it is made of, its links, and the page of the command line."""
