"""Who runs a job."""

from collections.abc import Collection
from typing import Protocol

from aggregator.model import Job


class Runner(Protocol):
    """Takes jobs while it is free."""

    def free(self) -> int:
        """How many more jobs it takes now."""

    def busy(self) -> Collection[str]:
        """Hosts that no further job may ask now."""

    async def submit(self, job: Job) -> None: ...

    async def idle(self) -> None:
        """Returns when every job is done."""
