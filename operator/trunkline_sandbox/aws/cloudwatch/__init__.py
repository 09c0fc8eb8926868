"""Amazon CloudWatch: what ElastiCache measures is read here; everything else is moto's.

Written from the service model and the ElastiCache user guide, "Metrics for Valkey and Redis OSS".
"""
