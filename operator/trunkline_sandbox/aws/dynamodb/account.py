"""What the tables of an account and Region have together, and the most that they may have.

Source: DynamoDB developer guide, "Quotas in Amazon DynamoDB": the account-level quotas apply to the sum of the provisioned
capacity of all tables and global secondary indexes of a Region, and only to tables in provisioned mode. The text of the
refusal is not documented.
"""

from __future__ import annotations

from collections.abc import Mapping

from trunkline_sandbox.aws.dynamodb import faults, schema
from trunkline_sandbox.aws.dynamodb.state import PROVISIONED, Call, Table, Throughput

ACCOUNT_UNITS = 80_000.0
Units = tuple[int, int]  # read, write


def limit(call: Call, level: str, word: str) -> int:
    """level: Account or Table; word: read or write."""
    mode, units = (" (Provisioned mode)", ACCOUNT_UNITS) if level == "Account" else ("", schema.TABLE_UNITS)
    name = f"dynamodb/{level}-level {word} throughput limit{mode}"
    return int(call.context.switches.service_quotas.get(name, units))


def check_level(call: Call, read: int, write: int, what: str) -> None:
    """Raises LimitExceededException above what the account allows a table or index."""
    for word, value in (("read", read), ("write", write)):
        most = limit(call, "Table", word)
        if value > most:
            text = f"Subscriber limit exceeded: Provisioned {word} throughput of {value} for {what} exceeds"
            raise faults.limit(f"{text} the table-level limit of {most}.")


def check_new(call: Call, table: Table) -> None:
    """As `check_total`, of a table that is not there yet."""
    _check(call, (0, 0), _units(table), table)


def check_total(call: Call, table: Table, wanted: Mapping[str, Units]) -> None:
    """wanted: what the table, "", and its indexes shall have; what is not named stays. Raises LimitExceededException
    where the sum rises above what the account may have.
    """
    _check(call, _units(table), _units(table, wanted), table)


def _check(call: Call, before: Units, after: Units, table: Table) -> None:
    others = [_units(item) for item in call.store.of(call.context.account, call.context.region) if item is not table]
    for number, word in enumerate(("read", "write")):
        most = limit(call, "Account", word)
        total = after[number] + sum(units[number] for units in others)
        if total > most and after[number] > before[number]:
            text = f"Subscriber limit exceeded: Provisioned {word} throughput of {total} for all tables and indexes"
            raise faults.limit(f"{text} of the account in this Region exceeds the account-level limit of {most}.")


def total(call: Call) -> Units:
    """Units that are provisioned for all tables and indexes."""
    tables = list(call.store.of(call.context.account, call.context.region))
    for table in tables:
        table.settle(call.now)
    found = [_units(table) for table in call.store.of(call.context.account, call.context.region)]
    return sum(units[0] for units in found), sum(units[1] for units in found)


def _units(table: Table, wanted: Mapping[str, Units] | None = None) -> Units:
    if wanted is None and table.billing_mode != PROVISIONED:
        return 0, 0
    owners = {"": table.throughput, **{index.name: index.throughput for index in table.indexes.values()}}
    given = dict(wanted or {})
    found = [given.get(name) or _most(throughput) for name, throughput in owners.items()]
    found += [units for name, units in given.items() if name not in owners]
    return sum(units[0] for units in found), sum(units[1] for units in found)


def _most(throughput: Throughput) -> Units:
    return max(throughput.read, throughput.coming[0]), max(throughput.write, throughput.coming[1])
