"""doors.memory"""

import gc
import subprocess
import sys

from aggregator.doors import memory

HELD = """
import sys
from threading import Thread
from aggregator.doors.memory import give_back
if sys.argv[1] == "yes":
    give_back()
def work():
    kept = []
    for n in range(40):
        large = bytearray(8_000_000)
        kept.append([object() for _ in range(2000)])
        del large
threads = [Thread(target=work) for _ in range(4)]
[t.start() for t in threads]
[t.join() for t in threads]
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmRSS")))
"""


def _held(way: str) -> int:
    """KiB that a process holds after it freed all that was large."""
    return int(subprocess.run([sys.executable, "-c", HELD, way], check=True, capture_output=True).stdout)


def test_what_was_freed_is_not_held() -> None:
    assert 1.5 * _held("yes") < _held("no")


def test_what_is_there_once_all_is_loaded_is_not_looked_through_again() -> None:
    held = ["a container"]
    memory.settle()
    try:
        assert not any(each is held for each in gc.get_objects())
    finally:
        gc.unfreeze()


def test_what_a_command_finds_is_looked_through_again_once_it_has_ended() -> None:
    held = ["a container"]
    with memory.settled():
        assert not any(each is held for each in gc.get_objects())
    assert any(each is held for each in gc.get_objects())
