"""Each door in turn, for so many seconds: python -m tests.fuzz [--seconds 600] [DOOR…]

What reaches a line that nothing reached before is kept in .fuzz/DOOR, and tried first the next time. A finding ends the door,
and lies in .fuzz as DOOR-crash-…; `--again FILE` tries it alone.
"""

import argparse
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import atheris

KEPT = Path(".fuzz")
LONGEST = 20_000  # bytes of an input
PATIENCE = 20  # seconds for one


def _fuzz(name: str, options: list[str]) -> None:
    """Does not return: the fuzzer ends its process."""
    with atheris.instrument_imports(include=["aggregator.steps", "feedparser", "readability"]):
        from tests.fuzz.doors import DOORS
    door = DOORS[name]
    corpus = KEPT / name
    corpus.mkdir(parents=True, exist_ok=True)
    for n, seed in enumerate(door.seeds):
        (corpus / f"seed-{n}").write_bytes(seed)
    words = KEPT / f"{name}.dict"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in door.words))
    limits = [f"-dict={words}", f"-timeout={PATIENCE}", f"-max_len={LONGEST}", f"-artifact_prefix={KEPT}/{name}-"]

    def tried(said: bytes) -> None:
        try:
            door.tried(said)
        except Exception:
            (KEPT / f"{name}-crash-{sha256(said).hexdigest()[:16]}").write_bytes(said)
            raise

    atheris.Setup([sys.argv[0], *limits, *options], tried)
    atheris.Fuzz()


def _escaped(word: str) -> str:
    """As libFuzzer reads it."""
    return "".join(f"\\x{byte:02x}" for byte in word.encode())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("doors", nargs="*", metavar="DOOR", default=[])
    parser.add_argument("--seconds", type=int, default=600, help="for each door")
    parser.add_argument("--again", metavar="FILE", help="try this one input at one door")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.inside:
        (name,) = args.doors
        _fuzz(name, [args.again] if args.again else [str(KEPT / name), f"-max_total_time={args.seconds}"])
    from tests.fuzz.doors import DOORS

    found = []
    for name in args.doors or DOORS:
        print(f"== {name}", flush=True)
        command = [sys.executable, "-m", "tests.fuzz", "--inside", name, "--seconds", str(args.seconds)]
        if subprocess.run(command + (["--again", args.again] if args.again else []), check=False).returncode:
            found.append(name)
    sys.exit(f"findings: {', '.join(found)}" if found else 0)


if __name__ == "__main__":
    main()
