"""AWS Lambda's control plane, from its API reference and developer guide. Code is stored and hashed, never run.

A module per family of operations; each is a table of functions `(call, params) -> answer`. See `service`.
"""
