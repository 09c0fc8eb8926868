"""`trunkline-sandbox aws`: serve the offline AWS and print what an SDK or the `aws` CLI must be told to use it."""

from __future__ import annotations

import argparse
import dataclasses
import signal
import sys
import threading
from types import FrameType

from trunkline_sandbox.aws.clock import ManualClock, SystemClock
from trunkline_sandbox.aws.cloud import OfflineAws
from trunkline_sandbox.aws.credentials import DEFAULT_ACCESS_KEY, DEFAULT_ACCOUNT, DEFAULT_SECRET_KEY
from trunkline_sandbox.aws.network import place
from trunkline_sandbox.aws.server import Server
from trunkline_sandbox.aws.service import Clock
from trunkline_sandbox.aws.switches import Switches
from trunkline_sandbox.aws.transport import DEFAULT_REGION

# How long things take when somebody watches: noticeable, not tedious.
WATCHED = Switches(
    search_lag_seconds=3.0,
    instance_creation_seconds=10.0,
    table_seconds=2.0,
    index_seconds=2.0,
    time_to_live_seconds=2.0,
    function_seconds=2.0,
    provisioned_concurrency_seconds=2.0,
    role_assumable_seconds=3.0,
    phone_number_claim_seconds=2.0,
    cache_creation_seconds=8.0,
    cache_modification_seconds=4.0,
    cache_member_seconds=2.0,
    cache_snapshot_seconds=2.0,
    cache_deletion_seconds=4.0,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `trunkline-sandbox aws`."""
    parser.add_argument("--port", type=int, default=0, help="port on the loopback address; default: a free one")
    parser.add_argument("--region", default=DEFAULT_REGION, help="the Region to print (default: %(default)s)")
    parser.add_argument("--no-throttling", action="store_true", help="grant every call: no token buckets")
    parser.add_argument("--permissions", action="store_true", help="enforce the calling principal's IAM policies")
    parser.add_argument(
        "--virtual-clock", action="store_true", help="time stands still until PUT /_trunkline/clock moves it"
    )
    parser.add_argument(
        "--network",
        type=_ids,
        default=(),
        metavar="ID,...",
        help="subnets and security groups that exist in the account: subnet-..., sg-...",
    )
    for name, text in _DURATIONS.items():
        parser.add_argument(
            f"--{name.replace('_', '-')}-seconds",
            type=_seconds,
            default=getattr(WATCHED, f"{name}_seconds"),
            metavar="N",
            help=f"{text} (default: %(default)s)",
        )


_DURATIONS = {
    "instance_creation": "until a Connect instance is ACTIVE",
    "search_lag": "until a write shows in Connect's Search operations",
    "describe_lag": "until a write shows in Describe operations",
    "list_lag": "until a write shows in List operations",
    "table": "until a DynamoDB table is ACTIVE again",
    "index": "until a DynamoDB index is built",
    "time_to_live": "until DynamoDB's time to live is on or off",
    "function": "until a Lambda function is Active or updated",
    "provisioned_concurrency": "until provisioned concurrency is allocated",
    "role_assumable": "until Lambda can assume a new role",
    "phone_number_claim": "until a phone number is claimed",
    "cache_creation": "until an ElastiCache cache is available",
    "cache_modification": "until a change of an ElastiCache cache is done",
    "cache_member": "how much later than their group ElastiCache nodes are available",
    "cache_snapshot": "until an ElastiCache snapshot is taken",
    "cache_deletion": "until a deleted ElastiCache cache is gone",
    "secret_lag": "until a write shows in reads of Secrets Manager",
}


def _ids(text: str) -> tuple[str, ...]:
    return tuple(name for name in text.split(",") if name)


def _seconds(text: str) -> float:
    value = float(text)
    if value < 0:
        raise argparse.ArgumentTypeError("seconds are zero or more")
    return value


def environment(url: str, region: str) -> dict[str, str]:
    """The variables by which SDKs and the `aws` CLI find the offline AWS."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": DEFAULT_ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": DEFAULT_SECRET_KEY,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def switches_of(args: argparse.Namespace) -> Switches:
    """The switches that the options ask for."""
    durations = {f"{name}_seconds": getattr(args, f"{name}_seconds") for name in _DURATIONS}
    return dataclasses.replace(
        Switches(), throttling=not args.no_throttling, enforce_permissions=args.permissions, **durations
    )


def run(args: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM. Returns the exit status."""
    clock: Clock = ManualClock() if args.virtual_clock else SystemClock()
    cloud = OfflineAws(clock=clock, switches=switches_of(args))
    try:
        server = Server(cloud, port=args.port)
    except OSError as error:
        print(f"trunkline-sandbox aws: cannot listen on port {args.port}: {error.strerror}", file=sys.stderr)
        return 1
    ended = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    with server:
        place(DEFAULT_ACCOUNT, args.region, args.network)
        for name, value in environment(server.url, args.region).items():
            print(f"export {name}={value}", flush=True)
        ended.wait()
    return 0
