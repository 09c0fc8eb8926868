"""Amazon Connect, offline: instances and what lives in them, as the API reference and the service model describe it.

Written from AWS's documentation and from behavior that was observed live and published, never from what a client of
ours would like. Resources are dictionaries of AWS's own members, because that is what the service answers with; every
write makes a new state, so each way of reading (Describe, List, Search) can lag behind on its own.

`service.ConnectService` is the way in. One module per resource family; `flow_language` is what publishing checks.
"""
