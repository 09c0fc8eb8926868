"""The four commands: look at the table, refuse what is not meant, do it, say what came of it.

0: done, and nothing is wrong. 1: something is: an access pattern fails, an item is not as it must be. 2: not done.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TextIO

from trunkline.api.counted import counted
from trunkline.aws.tables import TableAccount, TableUnreadableError
from trunkline.data import report
from trunkline.data.checking import Check
from trunkline.data.exploring import Explorer, check_kind, key_of
from trunkline.data.functions import DefectError
from trunkline.data.opened import Opened, open_cache, open_table
from trunkline.data.pace import Pace
from trunkline.data.people import Population
from trunkline.data.progress import Progress
from trunkline.data.reading import Reading
from trunkline.data.seeding import Amount, Seeding, refuse_real_customers, write_calls
from trunkline.data.store import StoreUnavailableError
from trunkline.data.target import RefusedError, Target, admit

DONE, FOUND, NOT_DONE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where a command runs. ask: reads a line from whoever is there."""

    out: TextIO = field(default_factory=lambda: sys.stdout)
    err: TextIO = field(default_factory=lambda: sys.stderr)
    ask: Callable[[str], str] = input
    attended: bool = field(default_factory=lambda: sys.stdin.isatty() and sys.stdout.isatty())
    clock: Callable[[], float] = time.monotonic
    wait: Callable[[float], None] = time.sleep

    def progress(self, what: str, total: int) -> Progress:
        """A bar on standard error."""
        return Progress(what, total, self.err, self.clock)


@dataclass(frozen=True, slots=True)
class Work:
    """What a command works with."""

    args: argparse.Namespace
    account: TableAccount
    target: Target
    opened: Opened
    terminal: Terminal


def run_data(args: argparse.Namespace, terminal: Terminal | None = None) -> int:
    """The command that the arguments name; the exit code."""
    terminal = terminal or Terminal()
    try:
        return _run(args, terminal)
    except (RefusedError, TableUnreadableError, StoreUnavailableError, OSError) as error:
        terminal.err.write(f"trunkline data {args.data_command}: {error}\n")
    except DefectError as error:
        terminal.err.write(f"trunkline data {args.data_command}: {args.table}: {_remedy(error.code)}\n")
    except KeyboardInterrupt:
        terminal.err.write(f"\ntrunkline data {args.data_command}: stopped; run it again to begin anew\n")
    return NOT_DONE


def _run(args: argparse.Namespace, terminal: Terminal) -> int:
    account = TableAccount(args.profile, args.region)
    try:
        target = admit(account.table(args.table), production=args.production, confirm=args.confirm)
        opened = open_table(account, target.name, terminal.clock, terminal.wait)
        return _COMMANDS[args.data_command](Work(args, account, target, opened, terminal))
    finally:
        account.close()


def _seed(work: Work) -> int:
    args, terminal = work.args, work.terminal
    occupied = refuse_real_customers(work.opened.store, work.target, mix=args.mix)
    population = Population(args.customers, args.seed, args.skew)
    amount = Amount(args.customers, args.calls, contacts=args.contacts)
    pace = Pace(args.rate, terminal.clock, terminal.wait)
    invalidate = open_cache(work.account, args.cache, args.cache_secret, terminal.clock)
    with terminal.progress("seeding", amount.items) as progress:
        seeded = Seeding(work.opened.store, pace, progress, invalidate, occupied=occupied).write(population, amount)
    terminal.out.write(
        f"{work.target.name}: {seeded.items:,} items written, {args.customers:,} customers of seed {args.seed}\n"
    )
    if seeded.uncached:
        terminal.err.write(
            f"the cache did not say that it forgot {seeded.uncached} batches: they show in five minutes\n"
        )
    if args.calls_file is not None:
        with args.calls_file.open("w", encoding="utf-8") as file:
            calls = write_calls(population, args.calls, file)
        terminal.out.write(f"{args.calls_file}: {counted(calls, 'call')}\n")
    return DONE


def _check(work: Work) -> int:
    check = Check(work.opened.store, work.target, work.opened.meter, work.terminal.clock)
    patterns = check.patterns()
    check.look_for_samples()
    tried = []
    with work.terminal.progress("checking", len(patterns)) as progress:
        for pattern in patterns:
            tried.append(check.try_pattern(pattern))
            progress.advance(1)
    work.terminal.out.write(report.checked(work.target.name, tried))
    return FOUND if any(one.failure for one in tried) else DONE


def _explore(work: Work) -> int:
    args, terminal = work.args, work.terminal
    check_kind(work.target, args.type)
    explorer = Explorer(
        work.opened.store, terminal.out, limit=args.limit, reveal=args.reveal, more=lambda: _wants_more(terminal)
    )
    cursor = explorer.show(args.type, key_of(args.start, work.target))
    terminal.out.write(f"more: --start {cursor}\n" if cursor else "end of the table\n")
    return DONE


def _wants_more(terminal: Terminal) -> bool:
    """Without anybody there, one page."""
    return terminal.attended and terminal.ask("Enter for the next page, q to end: ").strip().lower() != "q"


def _validate(work: Work) -> int:
    args, terminal = work.args, work.terminal
    total = work.target.facts.items * args.sample // 100
    pace = Pace(args.rate, terminal.clock, terminal.wait)
    with terminal.progress("validating", total) as progress:
        findings = Reading(work.opened.store, work.target, pace, progress).validate(args.sample, args.seed)
    terminal.out.write(report.validated(work.target.name, findings, args.sample, reveal=args.reveal))
    return FOUND if findings.counts else DONE


_COMMANDS: Mapping[str, Callable[[Work], int]] = {
    "seed": _seed,
    "check": _check,
    "explore": _explore,
    "validate": _validate,
}


def _remedy(code: str) -> str:
    return {
        "AccessDeniedException": "these credentials may not do this (AccessDeniedException)",
        "ResourceNotFoundException": "the table is gone (ResourceNotFoundException)",
        "CredentialsNotRenewed": "the credentials have expired: log in again",
    }.get(code, f"AWS refuses the call: {code}")
