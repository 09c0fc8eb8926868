"""`trunkline data`: fill, check, explore and validate the tables that the functions read.

Keys, entities, access patterns and the client are the functions' own, through `functions.py`; nothing of them is
defined here a second time. Reads and writes one table that its user names; never touches another resource.
"""
