"""A process that sends one change and stands still on the way: python -m tests.tenure.child URL WHERE TENURE.

WHERE: "before" the last look at the clock, or "behind" it, when nothing is left to do but the system call. TENURE: for
how many seconds it leads. Says what came of it: "sent", "refused".
"""

from __future__ import annotations

import http.client
import os
import signal
import sys
from typing import Any

from trunkline.aws.clients import Clients
from trunkline.tenure.connection import GuardedConnection
from trunkline.tenure.right import NotLeadingError, Tenure, boottime

_GUARDED, _PLAIN = GuardedConnection.send, http.client.HTTPConnection.send


def _stand_still() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def _before(self: GuardedConnection, data: Any) -> None:
    _stand_still()
    _GUARDED(self, data)


def _behind(self: http.client.HTTPConnection, data: Any) -> None:
    _stand_still()
    _PLAIN(self, data)


def main(url: str, where: str, tenure: float) -> None:
    os.environ |= {"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    clients, queue = Clients(), {"InstanceId": "i", "QueueId": "q"}
    clients.call("connect", "DescribeQueue", "us-east-1", queue)  # so that the next call takes no time
    if where == "before":
        GuardedConnection.send = _before  # type: ignore[method-assign]
    else:
        http.client.HTTPConnection.send = _behind  # type: ignore[method-assign]
    try:
        clients.call("connect", "DeleteQueue", "us-east-1", queue, tenure=Tenure(boottime() + tenure))
    except NotLeadingError:
        print("refused", flush=True)
    else:
        print("sent", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
