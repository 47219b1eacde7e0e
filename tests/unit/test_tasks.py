"""Errands that come too late are closed (`ari_app.tasks`)."""

from __future__ import annotations

import asyncio
import inspect

import pytest

from ari_app.tasks import begin_task


async def test_an_errand_for_a_group_that_is_cancelled_is_closed_and_refused() -> None:
    began = asyncio.Event()

    async def errand() -> None:
        began.set()

    async def closing() -> None:
        async with asyncio.TaskGroup() as group:
            late = errand()

            async def hands_on_at_the_end() -> None:
                try:
                    await asyncio.Event().wait()
                finally:
                    with pytest.raises(RuntimeError, match="shutting down"):
                        begin_task(group, late, "late")
                    assert inspect.getcoroutinestate(late) == inspect.CORO_CLOSED

            begin_task(group, hands_on_at_the_end(), "owner")
            await begin_task(group, errand(), "in time")
            raise ZeroDivisionError

    with pytest.raises(ExceptionGroup) as told:
        await closing()
    assert [type(each) for each in told.value.exceptions] == [ZeroDivisionError]
    assert began.is_set()
