"""Service Quotas of Amazon Connect: names and defaults.

Sources: admin guide, "Amazon Connect service quotas"; where editions differ, the quota definitions that AWS's quota
monitor sample reads from Service Quotas. `Switches.connect_quotas` overrides by name.
"""

from enum import StrEnum

from trunkline_sandbox.aws.switches import Switches


class Quota(StrEnum):
    """A quota by its name in Service Quotas."""

    INSTANCES = "Amazon Connect instance count"
    CALLS = "Concurrent active calls per instance"
    CHATS = "Concurrent active chats per instance"
    TASKS = "Concurrent active tasks per instance"
    EMAILS = "Concurrent active emails per instance"
    USERS = "Users per instance"
    QUEUES = "Queues per instance"
    ROUTING_PROFILE_QUEUES = "Queues per routing profile per instance"
    ROUTING_PROFILES = "Routing profiles per instance"
    HOURS = "Hours of operation per instance"
    OVERRIDES = "Overrides per hours of operation"
    FLOWS = "Contact flows per instance"
    FLOW_MODULES = "Modules per instance"
    PROMPTS = "Prompts per instance"
    QUICK_CONNECTS = "Quick connects per instance"
    SECURITY_PROFILES = "Security profiles per instance"
    AGENT_STATUSES = "Agent status per instance"
    PHONE_NUMBERS = "Phone numbers per instance"
    LAMBDA_FUNCTIONS = "AWS Lambda functions per instance"
    APPROVED_ORIGINS = "Approved origins per instance"


DEFAULTS: dict[Quota, int] = {
    Quota.INSTANCES: 2,
    Quota.CALLS: 10,
    Quota.CHATS: 100,
    Quota.TASKS: 2500,
    Quota.EMAILS: 1000,
    Quota.USERS: 500,
    Quota.QUEUES: 50,
    Quota.ROUTING_PROFILE_QUEUES: 50,
    Quota.ROUTING_PROFILES: 100,
    Quota.HOURS: 100,
    Quota.OVERRIDES: 50,
    Quota.FLOWS: 100,
    Quota.FLOW_MODULES: 200,
    Quota.PROMPTS: 500,
    Quota.QUICK_CONNECTS: 100,
    Quota.SECURITY_PROFILES: 100,
    Quota.AGENT_STATUSES: 50,
    Quota.PHONE_NUMBERS: 5,
    Quota.LAMBDA_FUNCTIONS: 50,
    Quota.APPROVED_ORIGINS: 50,
}

# Hard limit, not in Service Quotas: instances created or deleted by an account in a rolling 30 days (admin guide,
# "Amazon Connect feature specifications").
INSTANCE_CHANGES = 100
INSTANCE_CHANGES_SECONDS = 30 * 24 * 3600.0


def limit(switches: Switches, quota: Quota) -> int:
    """The value of a quota under these switches."""
    return switches.connect_quotas.get(quota, DEFAULTS[quota])
