"""Long computations beside the loop: in one thread, for all policies, one after the other.

Only what is pure goes there: capacity's models, of values that no other pass has. One thread, so that the loop, which
shares the interpreter with it, is never one among many. A pass that ends does not stop what was begun.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_THREAD = ThreadPoolExecutor(max_workers=1, thread_name_prefix="capacity")


async def aside(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What the work comes to, while the loop goes on. Raises what it raises."""
    return await asyncio.get_running_loop().run_in_executor(_THREAD, lambda: work(*args, **kwargs))
