"""Erlang B, C and A against published figures, their own laws, and extremes."""

from __future__ import annotations

from math import inf, isfinite

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trunkline.capacity.erlang import Load, blocking, erlang_a, erlang_c, lines_for, log_blocking

HALF_HOUR = Load(360 / 1800, 240.0)


class TestErlangB:
    @pytest.mark.parametrize(
        ("lines", "erlangs", "logarithm"),
        [
            (100, 120.0, -1.62826407041),
            (10_000, 12_000.0, -1.78927734649),
            (100, 20.0, -84.1661482002),
            (10_000, 200.0, -29325.7541713),
            (100, 10_000.0, -0.01004931575),
        ],
    )
    def test_logarithms_where_the_probability_itself_is_no_float(
        self, lines: int, erlangs: float, logarithm: float
    ) -> None:
        assert log_blocking(lines, erlangs) == pytest.approx(logarithm, rel=2e-9)

    @pytest.mark.parametrize(
        ("lines", "erlangs", "blocked", "digits"),
        [(15, 8.108, 0.01, 5), (132, 123.0, 0.0312, 4), (10, 5.0, 0.018384570336648136, 15), (0, 7.0, 1.0, 15)],
    )
    def test_published_values(self, lines: int, erlangs: float, blocked: float, digits: int) -> None:
        assert blocking(lines, erlangs) == pytest.approx(blocked, abs=10.0**-digits)

    @pytest.mark.parametrize(
        ("erlangs", "share", "lines"),
        [
            (10.0, 0.01, 18),
            (10_000.0, 0.01, 9_970),
            (10_000.0, 0.001, 10_170),
            (10_000.0, 0.0001, 10_273),
            (0.0, 0.01, 0),
        ],
    )
    def test_the_fewest_lines(self, erlangs: float, share: float, lines: int) -> None:
        assert lines_for(erlangs, share) == lines

    @given(st.integers(1, 3000), st.floats(0.01, 3000.0))
    def test_follows_its_own_recursion(self, lines: int, erlangs: float) -> None:
        fewer = blocking(lines - 1, erlangs)
        assert blocking(lines, erlangs) == pytest.approx(erlangs * fewer / (lines + erlangs * fewer), rel=1e-9)


class TestErlangC:
    @pytest.mark.parametrize(
        ("agents", "erlangs", "wait"),
        [(132, 123.0, 0.3211), (12_421, 12_345.0, 0.3812), (25, 20.0, 0.2091), (11, 10.0, 0.6821)],
    )
    def test_published_probabilities_to_wait(self, agents: int, erlangs: float, wait: float) -> None:
        assert erlang_c(agents, Load(erlangs / 300, 300.0), 20.0).wait == pytest.approx(wait, abs=5e-5)

    def test_a_whole_published_example(self) -> None:
        service = erlang_c(14, Load(10 / 180, 180.0), 20.0)
        assert service.wait == pytest.approx(0.1741319335950498, rel=1e-12)
        assert service.answered_in_time == pytest.approx(0.8883500191794669, rel=1e-12)
        assert service.mean_wait_seconds == pytest.approx(7.83593, abs=1e-5)
        assert service.occupancy == pytest.approx(0.714, abs=5e-4)

    @pytest.mark.parametrize(
        ("agents", "erlangs", "handle", "in_time"),
        [
            pytest.param(11, 10.0, 180.0, 0.390, id="a public calculator's tests"),
            pytest.param(13, 10.0, 180.0, 0.796, id="a public fixture says 0.80"),
            pytest.param(112, 100.0, 300.0, 0.925, id="a public fixture says 0.85, which is wrong"),
        ],
    )
    def test_published_service_levels(self, agents: int, erlangs: float, handle: float, in_time: float) -> None:
        found = erlang_c(agents, Load(erlangs / handle, handle), 20.0)
        assert found.answered_in_time == pytest.approx(in_time, abs=5e-4)

    def test_too_few_agents_mean_an_endless_line(self) -> None:
        service = erlang_c(10, Load(10 / 180, 180.0), 20.0)
        assert (service.wait, service.answered_in_time, service.mean_wait_seconds) == (1.0, 0.0, inf)


class TestErlangA:
    def test_a_published_example_with_every_figure(self) -> None:
        service = erlang_a(45, HALF_HOUR, 180.0, 20.0)
        assert service.wait == pytest.approx(0.6437196300, abs=1e-10)
        assert service.abandoned == pytest.approx(0.0977756032, abs=1e-10)
        assert service.mean_wait_seconds == pytest.approx(17.5996, abs=1e-4)
        assert service.answered_in_time == pytest.approx(0.5859340753, abs=1e-9)

    def test_patience_helps_those_who_stay(self) -> None:
        service = erlang_a(50, Load(48 / 60, 60.0), 120.0, 20.0)
        assert service.abandoned == pytest.approx(0.03091, abs=5e-6)
        assert service.mean_wait_seconds == pytest.approx(3.709, abs=5e-4)
        assert erlang_c(50, Load(48 / 60, 60.0), 20.0).mean_wait_seconds == pytest.approx(20.83, abs=5e-3)

    def test_endless_patience_is_erlang_c(self) -> None:
        assert erlang_a(50, HALF_HOUR, inf, 20.0) == erlang_c(50, HALF_HOUR, 20.0)

    @pytest.mark.parametrize("patience", [1e9, 1e12, 1e15])
    @pytest.mark.parametrize(
        ("agents", "load"),
        [pytest.param(50, HALF_HOUR, id="fifty"), pytest.param(100_000, Load(333.2, 300.0), id="many")],
    )
    def test_patience_of_years_is_nearly_endless(self, agents: int, load: Load, patience: float) -> None:
        nearly, endless = erlang_a(agents, load, patience, 20.0), erlang_c(agents, load, 20.0)
        assert nearly.answered_in_time == pytest.approx(endless.answered_in_time, rel=1e-5)
        assert nearly.mean_wait_seconds == pytest.approx(endless.mean_wait_seconds, rel=1e-4)

    @pytest.mark.parametrize("patience", [1e-9, 1.0, 4.0])
    def test_an_hour_is_in_time_for_all_who_stay(self, patience: float) -> None:
        service = erlang_a(50, Load(48 / 60, 60.0), patience, 3600.0)
        assert service.answered_in_time == pytest.approx(1.0 - service.abandoned, rel=1e-12)
        # Nobody waits: Erlang B.
        assert erlang_a(50, Load(48 / 60, 60.0), 1e-9, 3600.0).abandoned == pytest.approx(blocking(50, 48.0), rel=1e-6)

    @pytest.mark.parametrize("patience", [60.0, 600.0, 86_400.0])
    @pytest.mark.parametrize("agents", [0, 5, 30_000, 50_000])
    def test_those_who_are_not_served_hang_up(self, agents: int, patience: float) -> None:
        """Calls that come are answered or given up, whether the line is counted caller by caller or by its sum."""
        service = erlang_a(agents, Load(200.0, 300.0), patience, 20.0)
        assert service.abandoned == pytest.approx(1.0 - agents / 60_000, rel=1e-9)
        assert service.queue == pytest.approx((200.0 - agents / 300.0) * patience, rel=1e-9)

    def test_patient_callers_of_a_hopeless_line_are_not_answered_in_time(self) -> None:
        service = erlang_a(100_000, Load(666.0, 300.0), 86_400.0, 20.0)
        assert service.answered_in_time == pytest.approx(0.0, abs=1e-12)
        assert service.abandoned == pytest.approx(1.0 - 1e5 / 199_800.0, rel=1e-9)

    def test_ten_thousand_agents_hardly_let_anybody_wait(self) -> None:
        """A simulation of a million calls, made elsewhere, gave 0.814 s."""
        service = erlang_a(10_000, Load(10_000 / 300, 300.0), 180.0, 20.0)
        assert service.mean_wait_seconds == pytest.approx(0.809, abs=5e-4)

    def test_heavy_overload_ends_and_loses_what_cannot_be_served(self) -> None:
        service = erlang_a(500, Load(20.0, 300.0), 120.0, 20.0)
        assert service.abandoned == pytest.approx(1.0 - 500 / 6000, abs=1e-9)
        assert service.occupancy == pytest.approx(1.0, abs=1e-9)

    @settings(deadline=None, max_examples=50)  # half a million callers in line take a third of a second
    @given(
        st.integers(0, 100_000),
        st.floats(0.0001, 500.0),
        st.floats(1.0, 1800.0),
        st.floats(1.0, 3600.0),
        st.floats(0.0, 600.0),
    )
    def test_is_a_share_for_every_size(
        self, agents: int, rate: float, handle: float, patience: float, answer: float
    ) -> None:
        load = Load(rate, handle)
        service = erlang_a(agents, load, patience, answer)
        for share in (service.wait, service.abandoned, service.answered_in_time, service.occupancy):
            assert -1e-12 <= share <= 1.0 + 1e-12
        assert isfinite(service.queue)
        assert service.answered_in_time <= 1.0 - service.abandoned + 1e-6

    @given(st.integers(1, 400), st.floats(0.01, 2.0), st.floats(30.0, 600.0), st.floats(10.0, 600.0))
    def test_one_agent_more_never_hurts(self, agents: int, rate: float, handle: float, patience: float) -> None:
        load = Load(rate, handle)
        fewer, more = erlang_a(agents, load, patience, 20.0), erlang_a(agents + 1, load, patience, 20.0)
        assert more.answered_in_time >= fewer.answered_in_time - 1e-9
        assert more.abandoned <= fewer.abandoned + 1e-9

    def test_no_calls_and_nobody_there(self) -> None:
        assert erlang_a(5, Load(0.0, 300.0), 120.0, 20.0).answered_in_time == 1.0
        assert erlang_a(0, Load(1.0, 300.0), 120.0, 20.0).abandoned == pytest.approx(1.0)
