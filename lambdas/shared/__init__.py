"""What several functions share: clients of AWS and of a cache, the tables' entities, Connect's event, the invocation.

Standard library only, and of that little at import: every module that INIT loads is waited for by a caller. Hence no
dataclasses, no enum, no typing, no hashlib, no http.client and no logging here; values are `__slots__` classes and
NamedTuples of `shared.typed`, and what only an error or one function needs is loaded when it is needed. That goes
before the rules that hold elsewhere.
"""
