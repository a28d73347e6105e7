"""What is kept of what was fetched, beside the archive."""

from collections.abc import Iterator
from dataclasses import dataclass

from aggregator.config.toml import Size, hints
from aggregator.model import MOST_OF_ENTRY, MOST_OF_PAGE, EntryLimits, PageLimits

DEFAULT_FILE = Size(2**30)
DEFAULT_PICTURE = Size(5 * 2**20)
DEFAULT_PICTURES = Size(10 * 2**30)
LARGEST_PICTURE = 64 * 2**20
NO_LIMIT = Size(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """What is kept of the bytes that were fetched."""

    warc: bool = False  # feeds and pages as fetched, in WARC files in storage/warc/
    file_size: Size = DEFAULT_FILE  # after which another file is begun
    max_size: Size = NO_LIMIT  # of all WARC files; the oldest are removed for new ones; 0 MiB: none ever is


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """What is kept of the pictures of articles."""

    keep: bool = False  # copies of the pictures of what arrives, in storage/pictures/
    always: bool = False  # feeds and pages show the copies; false: once the originals are gone
    per_article: int = 10  # the first so many
    max_file: Size = DEFAULT_PICTURE  # of one; a larger one is not kept
    max_size: Size = DEFAULT_PICTURES  # of all; when that is reached, no more are fetched

    def has_room(self, size: int) -> bool:
        """For one more, beside so many bytes."""
        return size + self.max_file <= self.max_size


def limits_sound(entry: EntryLimits, page: PageLimits) -> Iterator[tuple[str, str, bool, str]]:
    """As kept_sound."""
    for section, limits, greatest in (("entry", entry, MOST_OF_ENTRY), ("page", page, MOST_OF_PAGE)):
        for key in hints(type(limits)):
            most = getattr(greatest, key)
            yield section, key, 1 <= getattr(limits, key) <= most, f"must be 1 to {most:,}"


def kept_sound(raw: Raw, pictures: Pictures, max_body: int) -> tuple[tuple[str, str, bool, str], ...]:
    """What must hold of these: section, key, whether it does, what is to be said where not."""
    return (
        ("raw", "file_size", raw.file_size >= max_body, "must not be under http.max_body"),
        (
            "raw",
            "max_size",
            not raw.max_size or raw.max_size >= 2 * raw.file_size,
            "must be at least twice raw.file_size: one file is written while others are kept",
        ),
        ("pictures", "per_article", pictures.per_article >= 1, "must be at least 1"),
        (
            "pictures",
            "max_file",
            0 < pictures.max_file <= LARGEST_PICTURE,
            "must be more than nothing, and at most 64 MiB",
        ),
        ("pictures", "max_size", pictures.max_size >= pictures.max_file, "must not be under pictures.max_file"),
    )
