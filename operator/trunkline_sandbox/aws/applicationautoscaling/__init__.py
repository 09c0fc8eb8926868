"""Application Auto Scaling: scalable targets, target tracking as AWS waits, scheduled actions, and what they do.

Written from the service model, the Application Auto Scaling API reference and user guide. DynamoDB tables and indexes,
Lambda aliases and versions and ElastiCache replication groups are scaled; other namespaces are not offered.
"""
