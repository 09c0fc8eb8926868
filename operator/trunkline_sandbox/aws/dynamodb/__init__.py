"""Amazon DynamoDB: tables and their settings kept here, strict and on the clock; items kept by moto underneath.

Sources: DynamoDB API reference; developer guide, "Service, account, and table quotas", "Managing throughput capacity",
"Managing Global Secondary Indexes", "Using DynamoDB Time to Live", "Using deletion protection".
"""
