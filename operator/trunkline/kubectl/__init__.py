"""`kubectl trunkline`: the three kinds as they stand in a cluster, looked at and told what to do, with the user's own rights.

The API server is reached by running kubectl, which brings every way to sign in; nothing that is slow to load (pydantic,
the SDK, the `kubernetes` package, YAML) is imported before something needs it: the first line stands there at once.
"""
