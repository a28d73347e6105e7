"""The newsroom's photographs: hills under a sky, as PNG files."""

import math
import struct
import zlib
from functools import cache

WIDTH, HEIGHT = 360, 220


@cache
def picture(number: int) -> bytes:
    """A landscape of its own for each number (PNG, ISO/IEC 15948)."""
    rows = b"".join(b"\0" + b"".join(_point(x, y, number) for x in range(WIDTH)) for y in range(HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


def _point(x: int, y: int, number: int) -> bytes:
    for ridge, height in ((2, 0.72), (1, 0.58)):
        wave = math.sin(x / (37 + 11 * ridge) + 2.1 * number + ridge) + 0.5 * math.sin(x / 17 + number)
        if y > HEIGHT * height + 12 * wave:
            return bytes((60 - 18 * ridge + 12 * number, 105 - 30 * ridge, 90 - 20 * ridge))
    dusk = y / HEIGHT
    return bytes((round(150 + 90 * dusk), round(180 + 30 * dusk), round(215 - 50 * dusk)))
