"""Amazon ElastiCache: replication groups, serverless caches, and what they stand on.

Written from the service model, the ElastiCache API reference and the ElastiCache user guide. No node runs here; a test
may attach a real server as the endpoint of a cache, and ask which AUTH tokens a group accepts (see `service`).
"""
