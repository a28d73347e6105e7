"""Whether the archive is whole: its database, its ledger, its index and its files."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree
from sqlalchemy import Connection

from aggregator.config import Config
from aggregator.doors import files
from aggregator.doors.store import Store, integrity, ledger, pictures
from aggregator.doors.store.integrity import Checked
from aggregator.errors import AggregatorError, StoreError
from aggregator.model import CHANGES, HEALTH, Finding
from aggregator.steps import compose, render
from aggregator.steps.pictures import place

MAX_FINDINGS = 1000
"""Findings that are told; of more, how many."""


@dataclass(slots=True)
class Verified:
    """What was looked at, and what is wrong."""

    checked: Checked | None = None
    findings: list[Finding] = field(default_factory=list)
    more: int = 0

    @property
    def head(self) -> str | None:
        return _spelled(*self.checked.head) if self.checked else None

    def found(self, finding: Finding) -> None:
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(finding)
        else:
            self.more += 1


async def verify(config: Config, witness: str | None, step: Callable[[int], None]) -> Verified:
    """Look at everything; `witness` is a head that was kept elsewhere."""
    verified = Verified()
    store = Store(config.database)
    try:
        for finding in await store.read(integrity.damage):
            verified.found(finding)
        verified.checked = await store.read(integrity.check, compose.words, verified.found, step)
        if witness:
            await _compare(store, witness, verified)
        await store.read(_pictures, config.pictures, verified.found)
    except StoreError as error:
        verified.found(Finding(subject="database", words=error.reason))
    finally:
        await store.close()
    for finding in _files(config):
        verified.found(finding)
    return verified


async def head(config: Config) -> str:
    """The ledger's last line, as `witness` takes it."""
    store = Store(config.database)
    try:
        return _spelled(*await store.read(ledger.head))
    finally:
        await store.close()


async def _compare(store: Store, witness: str, verified: Verified) -> None:
    number, _, said = witness.partition(":")
    if not number.isdecimal() or len(said) != 64:
        raise AggregatorError(witness, "is no head of a ledger: `aggregator verify --head` prints one")
    there = await store.read(ledger.at, int(number)) if int(number) else ledger.START
    if there is None or there.hex() != said.lower():
        words = "is not there any more" if there is None else "is not the line that was witnessed"
        verified.found(Finding(subject=f"ledger, line {number}", words=words))


def _pictures(tx: Connection, folder: Path, found: Callable[[Finding], None]) -> None:
    """Each copy must be what its name says, by its hash."""
    for name in pictures.names(tx):
        said = files.sha256(place(folder, name))
        if said != name.partition(".")[0]:
            words = "is not there" if said is None else "is not what was kept"
            found(Finding(subject=f"picture {name}", words=words))


def _files(config: Config) -> list[Finding]:
    """What is published must be readable; what is not there yet is published when it is due."""
    places = [
        (config.feeds_out, CHANGES),
        (config.feeds_out, HEALTH),
        *((config.place(t), t.name) for t in config.topics),
    ]
    paths = [folder / f"{name}.{ending}" for folder, name in places for ending in render.FORMATS]
    return [
        Finding(subject=f"{path.parent.name}/{path.name}", words=f"is damaged: {reason}", way_out="aggregator publish")
        for path in paths
        if path.exists() and (reason := _unreadable(path))
    ]


def _unreadable(path: Path) -> str | None:
    try:
        if path.suffix == ".json":
            json.loads(path.read_bytes())
        else:
            etree.parse(path, etree.XMLParser(resolve_entities=False, huge_tree=True))
    except (OSError, ValueError, etree.XMLSyntaxError) as error:
        return " ".join(str(error).split())
    return None


def _spelled(number: int, said: bytes) -> str:
    return f"{number}:{said.hex()}"
