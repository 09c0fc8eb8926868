"""Reading several things at once, for drivers of every service. No SDK."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

ResultT = TypeVar("ResultT")


async def together(work: Iterable[Coroutine[Any, Any, ResultT]]) -> list[ResultT]:
    """All at once. The first refusal ends the others and is raised as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(item) for item in work]
    except ExceptionGroup as many:
        raise many.exceptions[0] from None
    return [task.result() for task in tasks]
