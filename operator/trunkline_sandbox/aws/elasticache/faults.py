"""ElastiCache's modelled errors, with the codes of the service model. Their HTTP status is the model's."""

from __future__ import annotations

from trunkline_sandbox.aws.service import ServiceFault


def value(text: str) -> ServiceFault:
    return ServiceFault("InvalidParameterValue", text, 400)


def combination(text: str) -> ServiceFault:
    return ServiceFault("InvalidParameterCombination", text, 400)


def group_not_found(name: str) -> ServiceFault:
    return ServiceFault("ReplicationGroupNotFoundFault", f"ReplicationGroup {name} not found.", 404)


def cluster_not_found(name: str) -> ServiceFault:
    return ServiceFault("CacheClusterNotFound", f"CacheCluster not found: {name}", 404)


def group_state(text: str) -> ServiceFault:
    return ServiceFault("InvalidReplicationGroupState", text, 400)


def cluster_state(text: str) -> ServiceFault:
    return ServiceFault("InvalidCacheClusterState", text, 400)


def fault(code: str, text: str) -> ServiceFault:
    """Any other one of the model's."""
    return ServiceFault(code, text, 400)
