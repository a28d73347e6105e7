"""doors.fetch.robots: how much of strangers' rules is kept."""

from collections import Counter

from yarl import URL

from aggregator.doors.fetch import robots
from aggregator.model import Response

RULES = b"User-agent: *\n" + b"".join(b"Disallow: /%d\n" % n for n in range(40_000))


async def test_of_very_long_rules_the_last_ones_are_kept() -> None:
    asked: Counter[str] = Counter()

    async def get(url: str) -> Response:
        asked[url] += 1
        return Response(url=url, status=200, body=RULES)

    rules = robots.Robots(get, "aggregator")
    hosts = [URL(f"https://h{n}.example/page") for n in range(1 + robots.MAX_KEPT // robots.MAX_BYTES)]
    for target in (*hosts, hosts[-1], hosts[0]):
        await rules.pause(target, str(target))
    assert asked[f"{hosts[-1].origin()}/robots.txt"] == 1
    assert asked[f"{hosts[0].origin()}/robots.txt"] == 2
