"""Bytes of a file that is to be written."""

from typing import Protocol


class Part(Protocol):
    """They may lie elsewhere until they are asked for; `bytes` are a part of their own."""

    def __len__(self) -> int: ...

    def __bytes__(self) -> bytes: ...
