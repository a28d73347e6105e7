"""Whose turn it is at a host."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass

LEAST_SLOWED, MOST_SLOWED = 2.0, 60.0  # seconds
RECOVERY = 0.9
MAX_SLOWED = 10_000


@dataclass(slots=True)
class Turn:
    free: asyncio.Semaphore
    next_at: float = 0.0  # by the loop's clock
    users: int = 0  # at the host or waiting


class Turns:
    """`at_a_time` requests for a host, `pause` seconds between their starts, and after each end."""

    def __init__(self, at_a_time: int, pause: float) -> None:
        self._at_a_time = at_a_time
        self._pause = pause
        self._hosts: dict[str, Turn] = {}
        self._slowed: OrderedDict[str, float] = OrderedDict()  # the pause at hosts that said that we ask too much

    async def start(self, host: str, pause: float = 0.0) -> None:
        """Returns when it is our turn; `pause`: what this host wants between two requests, where that is longer."""
        turn = self._hosts.get(host)
        if turn is None:
            turn = self._hosts[host] = Turn(asyncio.Semaphore(self._at_a_time))
        turn.users += 1
        try:
            await turn.free.acquire()
        except asyncio.CancelledError:
            self._leave(host, turn)
            raise
        now = asyncio.get_running_loop().time()
        start_at = max(now, turn.next_at)
        turn.next_at = start_at + max(pause, self._pause_at(host))
        if start_at > now:
            try:
                await asyncio.sleep(start_at - now)
            except asyncio.CancelledError:
                turn.free.release()
                self._leave(host, turn)
                raise

    def end(self, host: str) -> None:
        turn = self._hosts[host]
        turn.next_at = max(turn.next_at, asyncio.get_running_loop().time() + self._pause_at(host))
        turn.free.release()
        self._leave(host, turn)

    def slow(self, host: str) -> None:
        """Twice the pause from now on."""
        self._slowed[host] = min(max(2 * self._pause_at(host), LEAST_SLOWED), MOST_SLOWED)
        if len(self._slowed) > MAX_SLOWED:
            self._slowed.popitem(last=False)

    def well(self, host: str) -> None:
        """The host answered: its pause shrinks again, slowly."""
        if host in self._slowed:
            self._slowed[host] *= RECOVERY
            if self._slowed[host] <= self._pause:
                del self._slowed[host]

    def _pause_at(self, host: str) -> float:
        return self._slowed.get(host, self._pause)

    def _leave(self, host: str, turn: Turn) -> None:
        turn.users -= 1
        if turn.users == 0:
            asyncio.get_running_loop().call_at(turn.next_at, self._forget, host, turn, turn.next_at)

    def _forget(self, host: str, turn: Turn, next_at: float) -> None:
        """Ten thousand hosts must not stay in memory; one that was used again has a later call of its own."""
        if turn.users == 0 and turn.next_at == next_at and self._hosts.get(host) is turn:
            del self._hosts[host]
