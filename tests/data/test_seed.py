"""`trunkline data seed`: the same customers from the same seed, paced, and never over anybody's real ones."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.data.desk import Desk
from trunkline.data.functions import entities, keys, number_of
from trunkline.data.pace import Pace
from trunkline.data.people import Population, customer_id


def test_fills_a_table_that_then_is_valid(desk: Desk) -> None:
    desk.customers()

    said = desk.seed("--customers", "120", "--calls", "40", "--contacts")

    assert (said.code, said.err) == (0, "")
    assert f"{120 + 30 + 40} items written" in said.out
    kinds = Counter(item["Type"]["S"] for item in desk.items())
    assert kinds == {"Profile": 120, "Preferences": 30, "Contact": 40}
    assert desk.run("validate").code == 0
    assert desk.run("check").code == 0


def test_the_same_seed_writes_the_same_items_again(desk: Desk) -> None:
    desk.customers()
    flags = ("--customers", "60", "--calls", "20", "--contacts", "--seed", "7")
    desk.seed(*flags)
    once = desk.items()
    desk.seed(*flags)

    assert desk.items() == once
    desk.seed("--customers", "60", "--seed", "8")
    assert desk.items() != once


def test_a_table_with_real_customers_is_left_alone(desk: Desk) -> None:
    desk.customers()
    desk.put(CustomerId="C1001", SK="PROFILE", Type="Profile", CustomerName="Ada Lovelace")

    said = desk.seed("--customers", "5")

    assert said.code == 2
    assert "--mix" in said.err
    assert "Ada" not in said.err
    assert len(desk.items()) == 1
    assert desk.seed("--customers", "5", "--mix").code == 0
    assert len(desk.items()) > 1


def test_a_real_customer_with_the_id_of_a_made_up_one_is_not_written_over(desk: Desk) -> None:
    """Also with --mix, and also where the items that are looked at first are all made up."""
    desk.customers()
    assert desk.seed("--customers", "40").code == 0
    real = {"CustomerId": "C9000000007", "SK": "PROFILE", "Type": "Profile", "CustomerName": "Ada Lovelace"}
    desk.put(**real)

    for flags in ((), ("--mix",)):
        said = desk.seed("--customers", "40", *flags)
        assert said.code == 2
        assert "Ada" not in said.err
    assert next(item for item in desk.items() if item["CustomerId"]["S"] == real["CustomerId"]) == {
        name: {"S": value} for name, value in real.items()
    }


def test_only_a_customers_table_is_filled(desk: Desk) -> None:
    desk.operations()

    said = desk.seed()

    assert said.code == 2
    assert "CustomerId and SK" in said.err


def test_the_sample_of_callers_goes_to_a_file(desk: Desk, tmp_path: Path) -> None:
    desk.customers()
    file = tmp_path / "calls"

    said = desk.seed("--customers", "50", "--calls", "400", "--calls-file", str(file))

    calls = file.read_text().splitlines()
    written = {item["PhoneNumber"]["S"] for item in desk.items() if "PhoneNumber" in item}
    assert set(calls) <= written, "who calls is in the table"
    assert f"{len(calls)} calls" in said.out
    assert 0.8 * 400 < len(calls) <= 400, "but those without a number"


class TestPopulation:
    def test_nobody_can_be_called(self) -> None:
        population = Population(500, 1, 1.1)
        numbers = [population.person(n).number for n in range(500)]

        assert all(number.startswith("+999") for number in numbers if number), "a country code that nobody has"
        assert all(number_of(number) for number in numbers if number)

    def test_some_share_a_number_and_some_have_none(self) -> None:
        population = Population(3000, 1, 1.1)
        numbers = Counter(population.person(n).number for n in range(3000))

        assert numbers[""] > 10, "in life there are some"
        shared = [number for number, times in numbers.items() if times > 1 and number]
        assert len(shared) > 10
        assert len(numbers) > 2800, "and most have one of their own"

    def test_a_customer_is_the_same_in_a_larger_population(self) -> None:
        assert Population(10, 3, 1.1).person(4) == Population(1000, 3, 0.0).person(4)

    def test_ids_can_be_typed_on_a_keypad(self) -> None:
        assert customer_id(17)[1:].isdigit()
        assert entities.entity_of(entities.CUSTOMERS, customer_id(17), keys.PROFILE) == entities.PROFILE

    def test_callers_follow_zipf_s_law(self) -> None:
        calls = Counter(Population(1000, 1, 1.0).callers(50_000))
        ((_, most), *_) = calls.most_common(1)
        tenth = calls.most_common(10)[-1][1]

        assert most / 50_000 == pytest.approx(1 / 7.485, rel=0.1), "1 / H(1000) of all calls are the first one's"
        assert most / tenth == pytest.approx(10, rel=0.25)

    def test_without_skew_all_call_alike(self) -> None:
        calls = Counter(Population(100, 1, 0.0).callers(50_000))

        assert len(calls) == 100
        assert max(calls.values()) < 1.3 * min(calls.values())

    @pytest.mark.parametrize("size", [1, 2, 3, 10, 97])
    def test_callers_are_customers(self, size: int) -> None:
        population = Population(size, 5, 1.1)

        assert set(population.callers(2000)) <= set(range(size))
        assert len(set(population.callers(5000))) >= size * 0.9


class TestPace:
    def test_never_faster_than_asked(self) -> None:
        now = [0.0]

        def wait(seconds: float) -> None:
            now[0] += seconds

        pace = Pace(100, lambda: now[0], wait)
        for _ in range(40):
            pace.take(25)

        assert now[0] == pytest.approx(39 * 0.25), "the first goes at once"

    def test_time_that_nobody_used_is_not_made_up_for(self) -> None:
        now, waited = [0.0], []

        def wait(seconds: float) -> None:
            waited.append(seconds)
            now[0] += seconds

        pace = Pace(100, lambda: now[0], wait)
        pace.take(25)
        now[0] += 60
        pace.take(25)
        pace.take(25)

        assert waited == [pytest.approx(0.25)]
