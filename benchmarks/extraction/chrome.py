"""What the memory of a host's pages gains and loses on a corpus folder, each page by trees that know none of its site.

    .venv/bin/python -m benchmarks.extraction.chrome FOLDER [--others 1]

A corpus has a few pages of a host where a daemon sees hundreds, so that fewer other articles may be made to do.
"""

import argparse
from collections import defaultdict
from pathlib import Path
from statistics import mean

from aggregator.errors import ExtractError
from aggregator.jobs.pages import site_of
from aggregator.steps import extract
from aggregator.steps.extract import chrome, features, trees
from benchmarks.extraction import engines, measures, written
from benchmarks.extraction.corpus import Page, pages
from benchmarks.extraction.train import fold, learn, sheet

FOLDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--others", type=int, default=chrome.OTHERS, help="articles that prove a paragraph the site's")
    options = parser.parse_args()
    found = list(pages(options.folder))
    sheets = [s for s in map(sheet, found) if s is not None]
    hosts = defaultdict(list)
    for page in found:
        hosts[site_of(page.url)].append(page)
    several = [of for host, of in hosts.items() if len(of) > 1 and "." in host]
    print(f"{sum(map(len, several))} pages of {len(several)} hosts with more than one")
    for n in range(FOLDS):
        learned = written.forest(learn([s for s in sheets if fold(s.page, FOLDS) != n]), features.NAMES)
        for of in several:
            if fold(of[0], FOLDS) == n:
                _host(of, learned, options.others)


def _host(of: list[Page], learned: trees.Forest, others: int) -> None:
    """Each page with and without what the other pages of its host have taught."""
    readings = {page.id: reading for page in of if (reading := _read(page, learned, {}))}
    for page in of:
        memory: chrome.Memory = {}
        for other in of:
            if other.id in readings and other is not page:
                seen = readings[other.id]
                memory = chrome.remember(memory, seen.learned, chrome.place(other.url, seen.article.title))
        enough = {k: p * chrome.OTHERS for k, p in memory.items() if len(p) >= others}
        reading = _read(page, learned, enough)
        before = readings.get(page.id)
        if reading and before and reading.article.text != before.article.text:
            _tell(page, before.article.text, reading.article.text)


def _read(page: Page, learned: trees.Forest, memory: chrome.Memory) -> extract.Reading | None:
    try:
        return extract.read(engines.response(page), memory=memory, learned=learned)
    except ExtractError:
        return None


def _tell(page: Page, before: str, after: str) -> None:
    kept = set(after.split("\n\n"))
    gone = [p for p in before.split("\n\n") if p not in kept]
    scores = [measures.score(page, engines.Found(text=text)) for text in (before, after)]
    said = "  ".join(f"F1 {s.f1:.3f}" if s.precision is not None else f"snippets {s.snippets}" for s in scores)
    print(f"{page.corpus} {page.id}: {said}; {len(gone)} paragraphs of {mean(len(p) for p in gone):.0f} characters:")
    for paragraph in gone:
        print(f"    {paragraph[:110]}")


if __name__ == "__main__":
    main()
