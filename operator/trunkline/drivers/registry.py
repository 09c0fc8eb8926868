"""Every driver by its kind, in the order in which kinds are made; they are removed in the reverse order.

The order matters for removal only: what is made is ordered by references. Profiles go before the queues that they
serve, queues before the flows that they whisper, flows before modules and hours, then the instance; functions, tables
and roles, which stand outside of it, go last.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from trunkline.drivers.associations import ApprovedOriginDriver, LambdaAssociationDriver
from trunkline.drivers.cache_parameter_group import CacheParameterGroupDriver
from trunkline.drivers.cache_secret import CacheSecretDriver
from trunkline.drivers.cache_subnet_group import CacheSubnetGroupDriver
from trunkline.drivers.cache_token import CacheTokenDriver
from trunkline.drivers.flow import FlowDriver
from trunkline.drivers.function import FunctionDriver
from trunkline.drivers.function_permission import FunctionPermissionDriver
from trunkline.drivers.hours import HoursDriver
from trunkline.drivers.instance import InstanceDriver
from trunkline.drivers.log_group import LogGroupDriver
from trunkline.drivers.lookups import PROMPT, QUICK_CONNECT, SECURITY_PROFILE, VIEW
from trunkline.drivers.module import ModuleDriver
from trunkline.drivers.queue import QueueDriver
from trunkline.drivers.replication_group import ReplicationGroupDriver
from trunkline.drivers.role import RoleDriver
from trunkline.drivers.routing_profile import RoutingProfileDriver
from trunkline.drivers.scalable_target import ScalableTargetDriver
from trunkline.drivers.serverless_cache import ServerlessCacheDriver
from trunkline.drivers.storage_config import StorageConfigDriver
from trunkline.drivers.table import TableDriver
from trunkline.engine.driver import Driver

# Drivers are typed by their own dataclasses; the engine passes them values of their own kind only.
_IN_ORDER: tuple[Any, ...] = (
    ScalableTargetDriver(),
    CacheSubnetGroupDriver(),
    CacheParameterGroupDriver(),
    ReplicationGroupDriver(),
    ServerlessCacheDriver(),
    CacheSecretDriver(),
    CacheTokenDriver(),
    RoleDriver(),
    LogGroupDriver(),
    TableDriver(),
    FunctionDriver(),
    InstanceDriver(),
    StorageConfigDriver(),
    ApprovedOriginDriver(),
    FunctionPermissionDriver(),
    LambdaAssociationDriver(),
    PROMPT,
    VIEW,
    SECURITY_PROFILE,
    HoursDriver(),
    ModuleDriver(),
    FlowDriver(),
    QUICK_CONNECT,
    QueueDriver(),
    RoutingProfileDriver(),
)

DRIVERS: Mapping[str, Driver] = MappingProxyType({driver.kind: driver for driver in _IN_ORDER})
