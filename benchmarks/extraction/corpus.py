"""Pages with their truth, as a corpus folder keeps them: FOLDER/CORPUS/truth.jsonl and a page beside it for each id."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

SECOND_LEVEL = frozenset({"co", "com", "org", "net", "gov", "edu", "ac", "ne", "or", "go"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page and what is true of it; a key that `truth` does not have is not said."""

    id: str
    corpus: str
    url: str
    body: bytes
    truth: dict[str, Any]

    @property
    def site(self) -> str:
        """What all hosts of one publisher share: pages of a site are never both learned from and judged."""
        parts = (urlsplit(self.url).hostname or self.id).split(".")
        if len(parts) > 2 and parts[-2] in SECOND_LEVEL:
            return parts[-3]
        return parts[-2] if len(parts) > 1 else parts[0]


def pages(folder: Path, corpora: list[str] | None = None) -> Iterator[Page]:
    """All pages of the corpora below a folder, or of the named ones."""
    for truths in sorted(folder.glob("*/truth.jsonl")):
        if corpora and truths.parent.name not in corpora:
            continue
        for line in truths.read_bytes().splitlines():  # of bytes: U+2028 in a text ends no line
            truth = json.loads(line)
            path = truths.parent / f"{truth['id'].replace('/', '__')}.html.gz"
            yield Page(
                id=truth["id"],
                corpus=truths.parent.name,
                url=truth.get("url") or "https://unknown.invalid/",
                body=gzip.decompress(path.read_bytes()),
                truth=truth,
            )
