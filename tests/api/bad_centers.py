"""What users get wrong: one change of the center with every field, what the parser says, what the API server says."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.api.conftest import FULL


@dataclass(frozen=True)
class Bad:
    """old is replaced by new. path, says: of the problem. broken: the entry that is left out; None: the whole center.

    server: what the API server says; None where it cannot know, for the reason beside the case.
    """

    old: str
    new: str
    path: str
    says: str
    broken: tuple[str, str] | None
    server: str | None

    @property
    def text(self) -> str:
        assert FULL.count(self.old) >= 1, f"the full center no longer holds {self.old!r}"
        return FULL.replace(self.old, self.new, 1)


def _case(
    id: str,  # noqa: A002
    old: str,
    new: str,
    path: str,
    says: str,
    server: str | None,
    broken: tuple[str, str] | None = None,
) -> pytest.param:
    return pytest.param(Bad(old, new, path, says, broken, server), id=id)


_BUSINESS = "spec.hoursOfOperation[name=business]"
_SALES = "spec.queues[name=sales]"
_AGENT = "spec.routingProfiles[name=sales-agent]"
_LOOKUP = "spec.functions[name=customer-lookup]"
_LEGACY = "spec.functions[name=legacy]"
_CUSTOMERS = "spec.tables[name=customers]"
_SESSIONS = "spec.tables[name=sessions]"
BUSINESS, SALES, AGENT = ("hoursOfOperation", "business"), ("queues", "sales"), ("routingProfiles", "sales-agent")
LOOKUP, LEGACY, CUSTOMERS = ("functions", "customer-lookup"), ("functions", "legacy"), ("tables", "customers")
SESSIONS, SUPPORT = ("tables", "sessions"), ("queues", "support")
_FRIDAY = 'start: 09:00, end: "18:00"}'

REFERENCES = [
    _case(
        "queue-names-unknown-hours",
        "{name: support, hours: business}",
        "{name: support, hours: busines}",
        "spec.queues[name=support].hours",
        "did you mean business?",
        "hours must name an entry of hoursOfOperation",
        SUPPORT,
    ),
    _case(
        "hours-name-unknown-parent",
        "parents: [holidays]",
        "parents: [hollidays]",
        f"{_BUSINESS}.parents",
        "did you mean holidays?",
        "parents must name an entry of hoursOfOperation",
        BUSINESS,
    ),
    _case(
        "hours-are-their-own-parent",
        "parents: [holidays]",
        "parents: [business]",
        f"{_BUSINESS}.parents",
        "own parent",
        "own parent",
        BUSINESS,
    ),
    _case(
        "queue-names-unknown-whisper",
        "flow: sales-whisper}",
        "flow: sales-wisper}",
        f"{_SALES}.outbound.flow",
        "did you mean sales-whisper?",
        "outbound.flow must name an entry of flows",
        SALES,
    ),
    _case(
        "profile-names-unknown-outbound-queue",
        "defaultOutboundQueue: sales",
        "defaultOutboundQueue: sals",
        f"{_AGENT}.defaultOutboundQueue",
        "did you mean sales?",
        "defaultOutboundQueue must name an entry of queues",
        AGENT,
    ),
    _case(
        "profile-names-unknown-queue",
        "{queue: support, channel",
        "{queue: suport, channel",
        f"{_AGENT}.queues[1].queue",
        "did you mean support?",
        "queues must name an entry of queues",
        AGENT,
    ),
    _case(
        "profile-names-unknown-manual-queue",
        "manualAssignmentQueues: [{queue: sales",
        "manualAssignmentQueues: [{queue: vip",
        f"{_AGENT}.manualAssignmentQueues[0].queue",
        "there is no 'vip' in queues",
        "manualAssignmentQueues must name an entry of queues",
        AGENT,
    ),
    _case(
        "function-may-read-unknown-table",
        "access: [{table: customers",
        "access: [{table: costumers",
        f"{_LOOKUP}.access[0].table",
        "did you mean customers?",
        "access must name an entry of tables",
        LOOKUP,
    ),
    _case(
        "variable-names-unknown-table",
        "{name: TABLE, valueFrom: {table: customers}}",
        "{name: TABLE, valueFrom: {table: custmers}}",
        f"{_LOOKUP}.environment[name=TABLE].valueFrom.table",
        "did you mean customers?",
        "environment must name an entry of tables",
        LOOKUP,
    ),
    _case(
        "variable-without-a-cache",
        "  cacheRef: {name: acme-cache}\n",
        "",
        f"{_LOOKUP}.environment[name=CACHE].valueFrom.cache",
        "spec.cacheRef",
        "valueFrom.cache needs cacheRef",
        LOOKUP,
    ),
]

DOUBLES = [
    _case(
        "two-queues-of-one-name",
        "{name: support, hours: business}",
        "{name: sales, hours: business}",
        f"{_SALES}.name",
        "another entry has this name",
        'spec.queues[1]: Duplicate value: {"name":"sales"}',
        SALES,
    ),
    _case(
        "two-queues-of-one-name-in-aws",
        "{name: support, hours: business}",
        "{name: support, awsName: Sales, hours: business}",
        "spec.queues[name=support].awsName",
        "sales has the name 'Sales' in AWS too",
        "two entries of queues have the same name in AWS",
        SUPPORT,
    ),
    _case(
        "two-tables-of-one-name-in-aws",
        "    - name: sessions\n",
        "    - name: sessions\n      awsName: customers\n",
        f"{_SESSIONS}.awsName",
        "customers has the name 'customers'",
        "two entries of tables have the same name in AWS",
        SESSIONS,
    ),
    _case(
        "queue-and-channel-twice",
        "{queue: support, channel: VOICE",
        "{queue: sales, channel: VOICE",
        f"{_AGENT}.queues[1]",
        "twice for VOICE",
        "a queue stands twice for one channel in queues",
        AGENT,
    ),
    _case(
        "channel-twice",
        "{channel: CHAT, concurrency: 2",
        "{channel: VOICE, concurrency: 1",
        f"{_AGENT}.media[channel=VOICE]",
        "stands here 2 times",
        "Duplicate value",
        AGENT,
    ),
    _case(
        "day-twice",
        "days: [SATURDAY]",
        "days: [SATURDAY, SATURDAY]",
        f"{_BUSINESS}.hours[1].days[SATURDAY]",
        "stands here 2 times",
        "Duplicate value",
        BUSINESS,
    ),
    _case(
        "override-twice",
        "name: stocktaking",
        "name: christmas",
        f"{_BUSINESS}.overrides[name=christmas]",
        "stands here 2 times",
        "Duplicate value",
        BUSINESS,
    ),
    _case(
        "storage-type-twice",
        "type: AGENT_EVENTS",
        "type: CALL_RECORDINGS",
        "spec.instance.storage[type=CALL_RECORDINGS]",
        "stands here 2 times",
        "Duplicate value",
    ),
]

HOURS = [
    _case(
        "overlapping-hours",
        _FRIDAY,
        f'{_FRIDAY}\n        - {{days: [FRIDAY], start: "17:59", end: "19:00"}}',
        f"{_BUSINESS}.hours[1]",
        "17:59 to 19:00 on FRIDAY overlaps 09:00 to 18:00",
        "must not overlap",
        BUSINESS,
    ),
    _case(
        "hours-inside-of-others-till-midnight",
        'start: "10:00", end: "00:00"}',
        'start: "10:00", end: "00:00"}\n        - {days: [SATURDAY], start: "23:00", end: "23:30"}',
        f"{_BUSINESS}.hours[2]",
        "overlaps 10:00 to 00:00",
        "must not overlap",
        BUSINESS,
    ),
    _case(
        "hours-out-of-order",
        _FRIDAY,
        f'{_FRIDAY}\n        - {{days: [FRIDAY], start: "07:00", end: "08:00"}}',
        f"{_BUSINESS}.hours[1]",
        "in its order",
        "written in the order of the day",
        BUSINESS,
    ),
    _case(
        "end-before-start",
        _FRIDAY,
        'start: 09:00, end: "08:00"}',
        f"{_BUSINESS}.hours[0].end",
        "split what goes past midnight",
        "split what goes past midnight",
        BUSINESS,
    ),
    _case(
        "hour-without-a-zero",
        _FRIDAY,
        'start: 9:00, end: "18:00"}',
        f"{_BUSINESS}.hours[0].start",
        "such as 09:00",
        "hours[0].start",
        BUSINESS,
    ),
    _case(
        "hour-24",
        'end: "00:00"',
        'end: "24:00"',
        f"{_BUSINESS}.hours[1].end",
        "'24:00' is refused",
        "hours[1].end",
        BUSINESS,
    ),
    _case(
        "unknown-time-zone",
        "timeZone: America/New_York",
        "timeZone: America/NewYork",
        f"{_BUSINESS}.timeZone",
        "did you mean America/New_York?",
        "unknown time zone America/NewYork",
        BUSINESS,
    ),
    _case(
        "time-zone-of-the-server",
        "timeZone: America/New_York",
        "timeZone: Local",
        f"{_BUSINESS}.timeZone",
        "not a time zone",
        "write a time zone of the IANA database",
        BUSINESS,
    ),
    _case(
        "unknown-day",
        "days: [SATURDAY]",
        "days: [SATERDAY]",
        f"{_BUSINESS}.hours[1].days[0]",
        "did you mean SATURDAY?",
        'Unsupported value: "SATERDAY"',
        BUSINESS,
    ),
    _case(
        "hours-are-missing",
        "      timeZone: America/New_York\n",
        "",
        _BUSINESS,
        "timeZone is required",
        "timeZone is required",
        BUSINESS,
    ),
    _case(
        "more-than-a-hundred-opening-times",
        _FRIDAY,
        _FRIDAY
        + "".join(
            f'\n        - {{days: [SUNDAY, MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY], start: "18:{minute}", end: "18:{minute + 1}"}}'
            for minute in range(10, 27)
        ),
        f"{_BUSINESS}.hours",
        "at most 100 opening times",
        "at most 100 opening times",
        BUSINESS,
    ),
    _case(
        "override-ends-before-it-begins",
        'effectiveTill: "2026-12-31"',
        'effectiveTill: "2026-12-30"',
        f"{_BUSINESS}.overrides[name=stocktaking].effectiveTill",
        "must not be before effectiveFrom",
        "must not be before effectiveFrom",
        BUSINESS,
    ),
    _case(
        "override-without-hours",
        ', hours: [{start: "10:00", end: "14:00"}]',
        "",
        f"{_BUSINESS}.overrides[name=stocktaking].hours",
        "hours are required unless type is CLOSED",
        "hours are required unless type is CLOSED",
        BUSINESS,
    ),
    _case(
        "closed-with-hours",
        "type: STANDARD",
        "type: CLOSED",
        f"{_BUSINESS}.overrides[name=stocktaking].hours",
        "leave hours away",
        "leave hours away",
        BUSINESS,
    ),
    # two intervals of every override of every center are more than a CEL budget holds
    _case(
        "override-hours-overlap",
        '[{start: "10:00", end: "14:00"}]',
        '[{start: "10:00", end: "14:00"}, {start: "13:00", end: "15:00"}]',
        f"{_BUSINESS}.overrides[name=stocktaking].hours[1]",
        "overlaps 10:00 to 14:00",
        None,
        BUSINESS,
    ),
    # the pattern knows no calendar
    _case(
        "day-that-does-not-exist",
        'effectiveTill: "2035-12-25"',
        'effectiveTill: "2035-02-30"',
        f"{_BUSINESS}.overrides[name=christmas].effectiveTill",
        "there is no day 2035-02-30",
        None,
        BUSINESS,
    ),
    _case(
        "month-day-and-weekday",
        "byMonthDay: [25]",
        "byMonthDay: [25], byWeekdayOccurrence: [1]",
        f"{_BUSINESS}.overrides[name=christmas].recurrence",
        "not both",
        "not both",
        BUSINESS,
    ),
    _case(
        "month-of-a-weekly-event",
        "frequency: YEARLY",
        "frequency: MONTHLY",
        f"{_BUSINESS}.overrides[name=christmas].recurrence.byMonth",
        "belongs to frequency: YEARLY",
        "belongs to frequency: YEARLY",
        BUSINESS,
    ),
]

INSTANCE = [
    _case(
        "alias-and-id",
        "    alias: acme-production\n",
        "    alias: acme-production\n    id: 12345678-1234-1234-1234-123456789012\n",
        "spec.instance",
        "exactly one of alias, id or centerRef",
        "exactly one of alias, id or centerRef",
    ),
    _case(
        "no-form",
        "    alias: acme-production\n",
        "",
        "spec.instance",
        "exactly one of alias, id or centerRef",
        "exactly one of alias, id or centerRef",
    ),
    _case(
        "alias-without-identity-management",
        "    identityManagement: SAML\n",
        "",
        "spec.instance",
        "identityManagement is required beside alias",
        "identityManagement is required beside alias",
    ),
    _case(
        "directory-without-its-id",
        "identityManagement: SAML",
        "identityManagement: EXISTING_DIRECTORY",
        "spec.instance",
        "write directoryId",
        "write directoryId",
    ),
    _case(
        "alias-that-aws-reserves",
        "alias: acme-production",
        "alias: d-acme",
        "spec.instance.alias",
        "must not start with d-",
        "must not start with d-",
    ),
    _case(
        "attributes-of-another-centers-instance",
        "    alias: acme-production\n    identityManagement: SAML\n",
        "    centerRef: {name: other}\n",
        "spec.instance",
        "the other center manages the instance",
        "the other center manages the instance",
    ),
    _case(
        "storage-in-two-forms",
        'kinesisStream: {arn: "arn:aws:kinesis:us-east-1:123456789012:stream/agent-events"}',
        'kinesisStream: {arn: "arn:aws:kinesis:us-east-1:123456789012:stream/agent-events"}\n        s3: {bucket: acme, prefix: x}',
        "spec.instance.storage[type=AGENT_EVENTS]",
        "exactly one of s3",
        "exactly one of s3",
    ),
    _case(
        "unknown-storage-type",
        "type: AGENT_EVENTS",
        "type: AGENT_EVENT",
        "spec.instance.storage[type=AGENT_EVENT].type",
        "did you mean AGENT_EVENTS?",
        'Unsupported value: "AGENT_EVENT"',
    ),
    _case(
        "region-is-missing", "  region: us-east-1\n", "", "spec.region", "is required", "spec.region: Required value"
    ),
    _case(
        "account-is-a-number",
        'accountId: "123456789012"',
        "accountId: 123456789012",
        "spec.accountId",
        "is a number",
        "spec.accountId",
    ),
    _case(
        "exclusive-by-default",
        "default: Listed, routingProfiles",
        "default: Exclusive, routingProfiles",
        "spec.management.default",
        "write Observe, Listed",
        'Unsupported value: "Exclusive"',
    ),
    _case(
        "check-every-second",
        "resyncSeconds: 900",
        "resyncSeconds: 1",
        "spec.resyncSeconds",
        "from 60 to 86400",
        "spec.resyncSeconds",
    ),
    _case(
        "tag-of-aws", "costCenter: CC-001", '"aws:costCenter": "1"', "spec.tags.aws:costCenter", "reserved", "reserved"
    ),
    _case(
        "tag-of-ours",
        "{owner: telephony}",
        "{trunkline.dev/owner: me}",
        "spec.instance.tags.trunkline.dev/owner",
        "reserved",
        "reserved",
    ),
    _case(
        "name-of-capital-letters-or-dots",
        "  name: acme\n",
        "  name: acme.example\n",
        "metadata.name",
        "small letters, digits and -",
        "small letters, digits and -",
    ),
    _case("name-too-long", "  name: acme\n", f"  name: {'a' * 51}\n", "metadata.name", "at most 50", "at most 50"),
]

QUEUES_AND_PROFILES = [
    _case(
        "queue-without-hours",
        "{name: support, hours: business}",
        "{name: support}",
        "spec.queues[name=support]",
        "hours is required here, unless the entry is external",
        "hours is required here, unless the entry is external",
        SUPPORT,
    ),
    _case(
        "yaml-boolean",
        "status: ENABLED",
        "status: On",
        f"{_SALES}.status",
        "true is not one of the values; write ENABLED, DISABLED",
        "must be of type string",
        SALES,
    ),
    _case(
        "number-in-quotes",
        "maxContacts: 100",
        'maxContacts: "100"',
        f"{_SALES}.maxContacts",
        "'100' is text; write a whole number from 0",
        "must be of type integer",
        SALES,
    ),
    _case(
        "fraction",
        "maxContacts: 100",
        "maxContacts: 99.5",
        f"{_SALES}.maxContacts",
        "99.5 is a fraction",
        "must be of type integer",
        SALES,
    ),
    _case(
        "handle-with-a-space",
        "- name: container\n",
        "- name: the container\n",
        "spec.functions[name=the container].name",
        "such as sales",
        "spec.functions[2].name",
        ("functions", "the container"),
    ),
    _case(
        "tag-of-ours-on-a-queue",
        "{team: sales}",
        "{trunkline.dev/entry: x}",
        f"{_SALES}.tags.trunkline.dev/entry",
        "reserved",
        "reserved",
        SALES,
    ),
    _case(
        "two-calls-at-once",
        "{channel: VOICE, concurrency: 1}",
        "{channel: VOICE, concurrency: 2}",
        f"{_AGENT}.media[channel=VOICE].concurrency",
        "VOICE takes one contact at a time",
        "VOICE takes one contact at a time",
        AGENT,
    ),
    _case(
        "priority-zero",
        "priority: 1, delaySeconds: 0",
        "priority: 0, delaySeconds: 0",
        f"{_AGENT}.queues[0].priority",
        "from 1 to 99",
        "priority",
        AGENT,
    ),
    _case(
        "no-priority",
        "priority: 1, delaySeconds: 0",
        "delaySeconds: 0",
        f"{_AGENT}.queues[0].priority",
        "is required",
        "priority: Required value",
        AGENT,
    ),
]

FLOWS = [
    _case(
        "flow-without-a-type",
        "{name: sales-inbound, type: CONTACT_FLOW, ",
        "{name: sales-inbound, ",
        "spec.flows[name=sales-inbound]",
        "type is required",
        "type is required",
        ("flows", "sales-inbound"),
    ),
    _case(
        "unknown-flow-type",
        "type: CONTACT_FLOW",
        "type: CONTACTFLOW",
        "spec.flows[name=sales-inbound].type",
        "did you mean CONTACT_FLOW?",
        'Unsupported value: "CONTACTFLOW"',
        ("flows", "sales-inbound"),
    ),
    _case(
        "content-in-two-forms",
        "{configMapKeyRef: {name: acme-flows, key: sales-inbound.json}}",
        "{configMapKeyRef: {name: acme-flows, key: sales-inbound.json}, inline: {Version: x}}",
        "spec.flows[name=sales-inbound].content",
        "exactly one of inline or configMapKeyRef",
        "exactly one of inline or configMapKeyRef",
        ("flows", "sales-inbound"),
    ),
    _case(
        "content-is-text",
        "{configMapKeyRef: {name: acme-flows, key: sales-inbound.json}}",
        "sales-inbound.json",
        "spec.flows[name=sales-inbound].content",
        "is text; write a mapping",
        "must be of type object",
        ("flows", "sales-inbound"),
    ),
]

FUNCTIONS = [
    _case(
        "timeout-above-the-limit",
        "timeoutSeconds: 3",
        "timeoutSeconds: 901",
        f"{_LOOKUP}.timeoutSeconds",
        "901 is out of range; write a whole number from 1 to 900",
        "less than or equal to 900",
        LOOKUP,
    ),
    _case(
        "memory-above-the-limit",
        "memoryMiB: 1024",
        "memoryMiB: 20000",
        f"{_LOOKUP}.memoryMiB",
        "from 128 to 10240",
        "less than or equal to 10240",
        LOOKUP,
    ),
    _case(
        "zip-without-a-runtime",
        "      runtime: python3.13\n",
        "",
        _LEGACY,
        "runtime and handler are required with code.s3",
        "runtime and handler are required with code.s3",
        LEGACY,
    ),
    _case(
        "builtin-with-a-handler",
        "code: {builtin: customer-lookup}",
        "code: {builtin: customer-lookup}\n      handler: app.handler",
        _LOOKUP,
        "bring their own",
        "bring their own",
        LOOKUP,
    ),
    _case(
        "code-in-two-forms",
        "code: {builtin: customer-lookup}",
        "code: {builtin: customer-lookup, image: {uri: x}}",
        f"{_LOOKUP}.code",
        "exactly one of builtin, s3 or image",
        "exactly one of builtin, s3 or image",
        LOOKUP,
    ),
    _case(
        "no-code",
        "      code: {builtin: customer-lookup}\n",
        "",
        _LOOKUP,
        "code is required",
        "code is required",
        LOOKUP,
    ),
    _case(
        "role-given-and-made",
        "roleArn: arn:aws:iam::123456789012:role/legacy",
        "roleArn: arn:aws:iam::123456789012:role/legacy\n      access: []",
        _LEGACY,
        "not both",
        "not both",
        LEGACY,
    ),
    _case(
        "more-provisioned-than-reserved",
        "provisionedConcurrency: 20",
        "provisionedConcurrency: 101",
        f"{_LOOKUP}.provisionedConcurrency",
        "above reservedConcurrency",
        "above reservedConcurrency",
        LOOKUP,
    ),
    _case(
        "snapshots-and-provisioned-concurrency",
        "provisionedConcurrency: 20",
        "provisionedConcurrency: 20\n      snapStart: PublishedVersions",
        f"{_LOOKUP}.snapStart",
        "snapStart excludes provisionedConcurrency",
        "snapStart excludes provisionedConcurrency",
        LOOKUP,
    ),
    _case(
        "retention-that-is-not-offered",
        "logRetentionDays: 30",
        "logRetentionDays: 31",
        f"{_LOOKUP}.logRetentionDays",
        "write 1, 3, 5",
        "Unsupported value: 31",
        LOOKUP,
    ),
    _case(
        "variable-of-lambda",
        "{name: BRAND, value: acme}",
        "{name: AWS_REGION, value: acme}",
        f"{_LOOKUP}.environment[name=AWS_REGION].name",
        "Lambda sets this variable itself",
        "Lambda sets this variable itself",
        LOOKUP,
    ),
    _case(
        "value-and-source",
        "{name: BRAND, value: acme}",
        "{name: BRAND, value: acme, valueFrom: {cache: url}}",
        f"{_LOOKUP}.environment[name=BRAND]",
        "exactly one of value or valueFrom",
        "exactly one of value or valueFrom",
        LOOKUP,
    ),
    # 4,096 bytes of names and values of up to a hundred variables: sums of text lengths cost more than a CEL budget holds
    _case(
        "environment-too-large",
        "{name: BRAND, value: acme}",
        f"{{name: BRAND, value: {'x' * 4090}}}",
        f"{_LOOKUP}.environment",
        "Lambda takes 4096",
        None,
        LOOKUP,
    ),
    _case(
        "name-in-aws-too-long",
        "- name: container\n",
        f"- name: {'c' * 60}\n",
        f"spec.functions[name={'c' * 60}].name",
        "write awsName",
        "at most 64 letters",
        ("functions", "c" * 60),
    ),
    _case(
        "level-of-text-logs",
        "logging: {format: JSON",
        "logging: {format: Text",
        f"{_LEGACY}.logging.level",
        "level needs format: JSON",
        "level needs format: JSON",
        LEGACY,
    ),
]

TABLES = [
    _case(
        "table-without-a-key",
        "      partitionKey: {name: Id, type: Binary}\n",
        "",
        _SESSIONS,
        "partitionKey is required",
        "partitionKey is required",
        SESSIONS,
    ),
    _case(
        "provisioned-without-units",
        "billing: {mode: PROVISIONED, readCapacityUnits: 1000, writeCapacityUnits: 500}",
        "billing: {mode: PROVISIONED, readCapacityUnits: 1000}",
        f"{_CUSTOMERS}.billing",
        "write readCapacityUnits and writeCapacityUnits",
        "write readCapacityUnits and writeCapacityUnits",
        CUSTOMERS,
    ),
    _case(
        "on-demand-with-units",
        "{mode: PAY_PER_REQUEST, maxRead",
        "{mode: PAY_PER_REQUEST, readCapacityUnits: 1, maxRead",
        f"{_SESSIONS}.billing",
        "and only then",
        "and only then",
        SESSIONS,
    ),
    _case(
        "index-capacity-of-an-on-demand-table",
        "billing: {mode: PROVISIONED, readCapacityUnits: 1000, writeCapacityUnits: 500}",
        "billing: {mode: PAY_PER_REQUEST}",
        f"{_CUSTOMERS}.indexes",
        "belongs to billing mode PROVISIONED",
        "belongs to billing mode PROVISIONED",
        CUSTOMERS,
    ),
    _case(
        "key-type-of-dynamodb",
        "{name: CustomerId, type: String}",
        "{name: CustomerId, type: N}",
        f"{_CUSTOMERS}.partitionKey.type",
        "write String, Number, Binary",
        "must be of type string",
        CUSTOMERS,
    ),
    _case(
        "include-without-attributes",
        "{type: INCLUDE, attributes: [Tier, Language]}",
        "{type: INCLUDE}",
        f"{_CUSTOMERS}.indexes[name=PhoneNumberIndex].projection.attributes",
        "write attributes with type: INCLUDE",
        "write attributes with type: INCLUDE",
        CUSTOMERS,
    ),
    # the types of all keys of all indexes against each other are more than a CEL budget holds
    _case(
        "attribute-of-two-types",
        "sortKeys: [{name: SK, type: String}]",
        "sortKeys: [{name: SK, type: Number}]",
        f"{_CUSTOMERS}.indexes[name=PhoneNumberIndex].sortKeys[0]",
        "SK is a Number here and a String elsewhere",
        None,
        CUSTOMERS,
    ),
    _case(
        "recovery-period-of-nothing",
        "{enabled: true, recoveryPeriodInDays: 35}",
        "{enabled: false, recoveryPeriodInDays: 35}",
        f"{_CUSTOMERS}.pointInTimeRecovery.recoveryPeriodInDays",
        "leave recoveryPeriodInDays away",
        "leave recoveryPeriodInDays away",
        CUSTOMERS,
    ),
    _case(
        "local-indexes-without-a-sort-key",
        "      sortKey: {name: SK, type: String}\n",
        "",
        f"{_CUSTOMERS}.localIndexes",
        "need a table with a sortKey",
        "need a table with a sortKey",
        CUSTOMERS,
    ),
]

UNKNOWN = [
    _case(
        "misspelt-field-of-an-entry",
        "maxContacts: 100",
        "maxContact: 100",
        f"{_SALES}.maxContact",
        "did you mean maxContacts?",
        'unknown field "spec.queues[0].maxContact"',
    ),
    _case(
        "misspelt-section",
        "  cacheRef: {name: acme-cache}",
        "  cacheReference: {name: acme-cache}",
        "spec.cacheReference",
        "did you mean cacheRef?",
        'unknown field "spec.cacheReference"',
    ),
    _case(
        "field-of-a-reference",
        "cacheRef: {name: acme-cache}",
        "cacheRef: {name: acme-cache, namespace: other}",
        "spec.cacheRef.namespace",
        "known here: name",
        'unknown field "spec.cacheRef.namespace"',
    ),
]

ALL = [*REFERENCES, *DOUBLES, *HOURS, *INSTANCE, *QUEUES_AND_PROFILES, *FLOWS, *FUNCTIONS, *TABLES]
