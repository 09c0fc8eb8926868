"""customer-lookup names nobody but in its answer: not in lines, metrics, errors or keys, whatever it is thrown."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.entities import Customer
from shared.failure import UnavailableError
from tests.lambdas.customer_lookup.world import World
from tests.lambdas.events import call
from tests.lambdas.shared.callers import names, numbers, secrets, tokens

ids = st.from_regex(r"\AC[2-9]{9,20}\Z")


@given(number=st.from_regex(r"\A\+[1-9][0-9]{8,14}\Z"), customer_id=ids, name=names, token=tokens, data=st.data())
def test_lines_errors_and_keys_name_nobody(
    number: str, customer_id: str, name: str, token: str, data: st.DataObject
) -> None:
    world = World()
    world.table.profiles = [(number, Customer(customer_id, name, token, "en-US"))]
    world.table.error = data.draw(
        st.sampled_from(
            [
                None,
                KeyError(number),
                ValueError(f"{name} at {number}", token),
                UnavailableError("throttle"),
                OSError(5, token),
            ]
        )
    )
    event = data.draw(
        st.sampled_from(
            [call(number), call(CustomerId=customer_id), call(name, CustomerId=token), call(token, LookupBy=name)]
        )
    )
    raised = ""
    for _ in range(2):
        try:
            world.ask(event)
        except Exception as error:  # what is raised is what is looked at
            raised += f"{error} {error!r} {error.__cause__!r} {error.__context__!r}"

    for secret in (number, number[1:], name, token, customer_id):
        assert not any(secret in text for text in (*world.lines, raised)), "in a line or an error"
    for secret in (number, number[1:], name, token):
        assert not any(secret in key for key in world.cache.asked), "in a key of the cache"
        assert not any(secret in key for key in world.cache.kept)


@given(secret=secrets)
def test_what_is_no_number_and_no_id_reaches_neither_cache_nor_table(secret: str) -> None:
    world = World()
    event: Any = call(f"{secret} ", CustomerId=f"{secret} ")
    world.ask(event)

    assert (world.cache.asked, world.table.asked) == ([], [])


@given(numbers)
def test_a_number_is_in_no_value_of_the_cache(number: str) -> None:
    world = World()
    world.table.profiles = [(number, Customer("C1", "Ada"))]
    world.ask(call(number))

    assert not any(number.encode() in value for value, _ in world.cache.kept.values())
