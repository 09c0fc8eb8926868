"""`trunkline data` as a command: bad flags, failing tables, somebody who has had enough."""

from __future__ import annotations

import io
from argparse import Namespace
from typing import Any

import pytest

from tests.data.desk import TABLE, Desk
from trunkline.cli import main
from trunkline.data.commands import Terminal, run_data
from trunkline.data.functions import DefectError, PartialBatchError, UnavailableError
from trunkline.data.store import MOST_TRIES, Store, StoreUnavailableError


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        pytest.param(["seed"], "--table", id="which table"),
        pytest.param(["seed", "--table", "t", "--customers", "0"], "from 1 to 1000000", id="nobody"),
        pytest.param(["seed", "--table", "t", "--customers", "٧"], "from 1 to 1000000", id="digits of another script"),
        pytest.param(["seed", "--table", "t", "--skew", "much"], "from 0 to 5", id="no number"),
        pytest.param(["validate", "--table", "t", "--sample", "101"], "from 1 to 100", id="more than all"),
        pytest.param(["explore", "--table", "t", "--limit", "-1"], "from 1 to 1000", id="less than nothing"),
        pytest.param(["empty", "--table", "t"], "invalid choice", id="no such command"),
        pytest.param([], "COMMAND", id="no command"),
    ],
)
def test_a_bad_flag_is_named_with_what_to_write(
    flags: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["data", *flags])
    assert left.value.code == 2
    assert words in capsys.readouterr().err


def namespace(command: str, **changed: Any) -> Namespace:
    made = {"type": "", "limit": 2, "start": "", "reveal": False, "region": None, "profile": None}
    return Namespace(**{"data_command": command, "table": TABLE, "production": False, "confirm": "", **made, **changed})


class TestPages:
    @pytest.mark.parametrize(
        ("answers", "pages"),
        [
            pytest.param(["", "", "", "", "", ""], 6, id="Enter until the end"),
            pytest.param(["", "q"], 2, id="until q"),
            pytest.param(["Q "], 1, id="q in any form"),
        ],
    )
    def test_somebody_at_a_terminal_is_asked_for_more(self, desk: Desk, answers: list[str], pages: int) -> None:
        desk.customers()
        desk.seed("--customers", "9")
        out = io.StringIO()
        given = iter(answers)
        run_data(namespace("explore"), Terminal(out=out, err=io.StringIO(), ask=lambda _: next(given), attended=True))

        assert sum(1 for line in out.getvalue().splitlines() if "Type=" in line) == min(2 * pages, 12)

    def test_nobody_is_not_asked(self, desk: Desk) -> None:
        desk.customers()
        desk.seed("--customers", "9")

        assert desk.run("explore", "--limit", "2").out.count("Type=") == 2


class Stopping(io.StringIO):
    """Somebody presses Ctrl-C as soon as there is something to see."""

    def write(self, text: str) -> int:
        raise KeyboardInterrupt


def test_somebody_who_stops_it_is_told_how_to_go_on(desk: Desk) -> None:
    desk.customers()
    desk.seed("--customers", "3")
    err = io.StringIO()

    assert run_data(namespace("explore"), Terminal(out=Stopping(), err=err, attended=False)) == 2
    assert "stopped" in err.getvalue()


class FailingClient:
    """Fails so many times, then answers."""

    def __init__(self, error: Exception, times: int) -> None:
        self.left = times
        self.calls = 0
        self._error = error

    def batch_write(self, *_: Any) -> None:
        self.calls += 1
        if self.left:
            self.left -= 1
            raise self._error


def store(client: Any, waited: list[float]) -> Store:
    return Store(client, TABLE, lambda: 0.0, waited.append, lambda: 1.0)


class TestPatience:
    @pytest.mark.parametrize(
        "error",
        [
            pytest.param(UnavailableError("throttle"), id="throttled"),
            pytest.param(PartialBatchError([{}], "throttle"), id="some of it was done"),
        ],
    )
    def test_a_throttle_is_waited_for_longer_each_time(self, error: Exception) -> None:
        waited: list[float] = []
        client = FailingClient(error, 5)
        store(client, waited).put([])

        assert client.calls == 6
        assert waited == sorted(waited)
        assert waited[-1] > 4 * waited[0]

    def test_not_for_ever(self) -> None:
        client = FailingClient(UnavailableError("throttle"), 99)

        with pytest.raises(StoreUnavailableError, match="throttle"):
            store(client, []).put([])
        assert client.calls == MOST_TRIES

    def test_a_defect_is_not_tried_again(self) -> None:
        client = FailingClient(DefectError("AccessDeniedException"), 99)

        with pytest.raises(DefectError):
            store(client, []).put([])
        assert client.calls == 1


def test_a_table_that_goes_away_meanwhile_is_said_so(desk: Desk) -> None:
    desk.customers()
    desk.seed("--customers", "9")
    err = io.StringIO()

    def delete(_: str) -> str:
        desk.client.delete_table(TableName=TABLE)
        return ""

    code = run_data(namespace("explore"), Terminal(out=io.StringIO(), err=err, ask=delete, attended=True))

    assert code == 2
    assert "the table is gone" in err.getvalue()
