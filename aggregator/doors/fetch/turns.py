"""Whose turn it is at a host."""

import asyncio
from dataclasses import dataclass


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

    async def start(self, host: str) -> None:
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
        turn.next_at = start_at + self._pause
        if start_at > now:
            try:
                await asyncio.sleep(start_at - now)
            except asyncio.CancelledError:
                turn.free.release()
                self._leave(host, turn)
                raise

    def end(self, host: str) -> None:
        turn = self._hosts[host]
        turn.next_at = max(turn.next_at, asyncio.get_running_loop().time() + self._pause)
        turn.free.release()
        self._leave(host, turn)

    def _leave(self, host: str, turn: Turn) -> None:
        turn.users -= 1
        if turn.users == 0:
            asyncio.get_running_loop().call_at(turn.next_at, self._forget, host, turn, turn.next_at)

    def _forget(self, host: str, turn: Turn, next_at: float) -> None:
        """Ten thousand hosts must not stay in memory; one that was used again has a later call of its own."""
        if turn.users == 0 and turn.next_at == next_at and self._hosts.get(host) is turn:
            del self._hosts[host]
