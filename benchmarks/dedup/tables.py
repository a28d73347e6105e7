"""Judges the corpus' tables: pairs of articles read by hand, of addresses, of captions."""

from collections import Counter
from pathlib import Path

from aggregator.steps import dedup, urls
from benchmarks.dedup.corpus import Document, table


def print_tables(folder: Path, found: list[Document], groups: list[list[int]]) -> None:
    _print_pairs(table(folder, "real-pairs*.tsv"), found, groups)
    _print_urls(table(folder, "urls*.tsv"))
    _print_captions(table(folder, "captions*.tsv"))


def _print_pairs(rows: list[dict[str, str]], found: list[Document], groups: list[list[int]]) -> None:
    """A pair is one where both are of one story; `part` counts neither way, a weight is how many a pair stands for."""
    group_of = {found[i].id: n for n, group in enumerate(groups) for i in group}
    counted, weighed = Counter[tuple[bool, bool]](), Counter[tuple[bool, bool]]()
    wrong = list[str]()
    for row in rows:
        if row["label"] != "part":
            outcome = row["label"] == "same", group_of[row["a"]] == group_of[row["b"]]
            counted[outcome] += 1
            weighed[outcome] += float(row["weight"])  # type: ignore[assignment]
            if outcome[0] != outcome[1]:
                wrong.append(f"{row['a']}/{row['b']} {row['label']}")
    if counted:
        print(f"real pairs: F1 {_f1(counted):.3f}, weighted {_f1(weighed):.3f}; {len(wrong)} wrong of "
              f"{counted.total()}: {', '.join(wrong) or 'none'}")  # fmt: skip


def _print_urls(rows: list[dict[str, str]]) -> None:
    apart = [row for row in rows if row["class"] == "network"]
    rows = [row for row in rows if row["class"] != "network"]
    found = [(row, urls.page_key(row["a"]) == urls.page_key(row["b"])) for row in rows]
    same = [one for row, one in found if row["expect"] == "same"]
    merged = [row for row, one in found if row["expect"] == "diff" and one]
    if rows:
        print(f"addresses: {sum(same)} of {len(same)} pairs of one page found, {len(merged)} of "
              f"{len(found) - len(same)} different ones merged; {len(apart)} that need a request left out")  # fmt: skip
    for row in merged:
        print(f"  merged: {row['a']} / {row['b']}")
    for row, one in found:
        if row["expect"] == "same" and not one:
            print(f"  missed: {row['a']} / {row['b']}")


def _print_captions(rows: list[dict[str, str]]) -> None:
    wrong = [r for r in rows if (dedup.caption_key(r["a"]) == dedup.caption_key(r["b"])) != (r["expect"] == "same")]
    if rows:
        print(f"captions: {len(rows) - len(wrong)} of {len(rows)} pairs right ({1 - len(wrong) / len(rows):.1%})")
    for row in wrong:
        print(f"  {row['expect']}: {row['a'][:80]!r} / {row['b'][:80]!r}")


def _f1(outcomes: Counter[tuple[bool, bool]]) -> float:
    right, missed, merged = outcomes[True, True], outcomes[True, False], outcomes[False, True]
    return 2 * right / max(1e-9, 2 * right + missed + merged)
