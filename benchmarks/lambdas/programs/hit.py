"""Run by CPython 3.13.5, pinned to one CPU together with the cache: prints the p50 microseconds of one hit, as JSON.

socket: bare sendall and recv of the same bytes; hit: key hashed, GET, checked, decoded; handler: the whole invocation,
its line written to nowhere; library: redis-py's GET alone. In turns, so that the machine's moods are shared.
"""

import json
import os
import socket
import ssl
import statistics
import sys
import time
from pathlib import Path

import redis

from customer_lookup.app import handler
from customer_lookup.cache import CustomersCache
from shared.deadline import Deadline
from shared.invocation import Invocation, lambda_surroundings
from shared.jitter import jitter
from shared.resp import get_command

os.sched_setaffinity(0, {int(sys.argv[1])})
host, port, event = sys.argv[2], int(sys.argv[3]), json.loads(sys.argv[4])
TURNS, CALLS = 30, 200

number = event["Details"]["ContactData"]["CustomerEndpoint"]["Address"]
shown, sys.stdout = sys.stdout, Path(os.devnull).open("w")  # noqa: SIM115  # until the process ends
handler.initialize()
while handler(event)["Source"] != "cache":
    pass
around = lambda_surroundings()
session = around.open_session(os.environ)
cache = around.open_cache(os.environ, session)
cache.warm(Deadline.after(1.0))
invocation = Invocation(Deadline.after(1000.0))  # the visit has a deadline of its own within it
customers = CustomersCache(cache, 1.0, jitter)

client = redis.Redis(
    host=host, port=port, password=os.environ["CACHE_PASSWORD"], ssl=True, ssl_ca_certs=os.environ["AWS_CA_BUNDLE"]
)
(key,) = client.keys("*")
size = len(b"$%d\r\n" % (length := client.strlen(key))) + length + 2
get = get_command(key)
context = ssl.create_default_context(cafile=os.environ["AWS_CA_BUNDLE"])
bare = context.wrap_socket(socket.create_connection((host, port)), server_hostname=host)
bare.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
password = os.environ["CACHE_PASSWORD"].encode()
bare.sendall(b"*2\r\n$4\r\nAUTH\r\n$%d\r\n%s\r\n" % (len(password), password))
assert bare.recv(64) == b"+OK\r\n"


def over_socket():
    bare.sendall(get)
    left = size
    while left:
        left -= len(bare.recv(left))


def hit():
    assert customers.visit_number(number, invocation).read() is not None


def whole():
    handler(event)


def library():
    client.get(key)


kinds = {"socket": over_socket, "hit": hit, "handler": whole, "library": library}
taken = {kind: [] for kind in kinds}
for turn in range(TURNS + 3):
    for kind, run in kinds.items():
        for _ in range(CALLS):
            started = time.perf_counter_ns()
            run()
            ended = time.perf_counter_ns()
            if turn >= 3:
                taken[kind].append(ended - started)
print(json.dumps({kind: statistics.median(values) / 1000 for kind, values in taken.items()}), file=shown)
