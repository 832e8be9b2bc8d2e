"""Reads pictures in a process of its own, which knows nothing of the product: no settings, no database, no secrets.

Started by path (`python -I child.py`), never imported by the product. For each picture standard input holds a line with its length and then its
bytes; the answer is one line of JSON: `{"lines": [[words, confidence], …], "width": …, "height": …}` or `{"error": code}`. A picture that is too
much ends this process, and whoever started it goes on with another.
"""

from __future__ import annotations

import io
import json
import os
import resource
import sys
import warnings
from typing import Any

#: Bounds of what is decoded, of what is looked at in one piece, and of what this process may take.
MAX_PIXELS = 64_000_000
LONG_SIDE = 1600
MAX_PIECES = 8
MAX_LINES = 400
MEMORY_BYTES = 3 * 1024**3
#: A picture this much higher than wide is read in pieces, like what one scrolls through.
TALL = 2.4


class Unfit(Exception):
    """A picture that is not read, with the code of why."""


def limit() -> None:
    """Take no more memory than is sensible, write no file, and let everything else go first."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(10)


def prepare(content: bytes) -> Any:
    """The picture upright, in colours, no larger than what is read of it.

    :raises Unfit: with the code of what is wrong with it.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        opened = Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "GIF", "WEBP"))
    except UnidentifiedImageError as error:
        raise Unfit("not_a_picture") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Unfit("too_many_pixels") from error
    with opened:
        width, height = opened.size
        if width * height > MAX_PIXELS:
            raise Unfit("too_many_pixels")
        if min(width, height) < 12:
            raise Unfit("too_small")
        # A large photo is decoded at a half or a quarter straight away; the second frame of anything is not looked at.
        opened.draft("RGB", (LONG_SIDE, LONG_SIDE))
        plain = ImageOps.exif_transpose(opened)
        if plain.mode in ("RGBA", "LA", "P", "PA"):
            plain = plain.convert("RGBA")
            ground = Image.new("RGBA", plain.size, "white")
            plain = Image.alpha_composite(ground, plain)
        plain = plain.convert("RGB")
    across = min(plain.size) if is_tall(plain) else max(plain.size)
    largest = LONG_SIDE // 2 if is_tall(plain) else LONG_SIDE
    if across > largest:
        scale = largest / across
        plain = plain.resize((max(1, round(plain.width * scale)), max(1, round(plain.height * scale))))
    return plain


def is_tall(picture: Any) -> bool:
    """Whether it is much higher than wide."""
    return bool(picture.height > TALL * picture.width)


def pieces(picture: Any) -> list[tuple[int, Any]]:
    """The picture, or the pieces of one that is very high, each with where it begins; they overlap by a line or two."""
    if not is_tall(picture):
        return [(0, picture)]
    step = round(picture.width * 1.6)
    overlap = max(40, picture.width // 12)
    found: list[tuple[int, Any]] = []
    top = 0
    while top < picture.height and len(found) < MAX_PIECES:
        bottom = min(picture.height, top + step)
        found.append((top, picture.crop((0, top, picture.width, bottom))))
        if bottom == picture.height:
            break
        top = bottom - overlap
    return found


def in_rows(found: list[tuple[Any, str, float]]) -> list[list[Any]]:
    """Lines from top to bottom; what stands side by side becomes one line, so that a label keeps its value."""
    boxes = [
        (float(box[:, 1].min()), float(box[:, 1].max()), float(box[:, 0].min()), words, score)
        for box, words, score in found
        if words.strip()
    ]
    boxes.sort(key=lambda one: (one[0] + one[1]) / 2)
    rows: list[list[tuple[float, float, float, str, float]]] = []
    for one in boxes:
        middle = (one[0] + one[1]) / 2
        last = rows[-1] if rows else None
        if last is not None:
            first = last[0]
            if first[0] < middle < first[1] and abs(middle - (first[0] + first[1]) / 2) < (first[1] - first[0]) / 2:
                last.append(one)
                continue
        rows.append([one])
    lines = []
    for row in rows:
        row.sort(key=lambda one: one[2])
        lines.append(["  ".join(one[3].strip() for one in row), min(one[4] for one in row)])
    return lines


def read(engine: Any, content: bytes) -> dict[str, Any]:
    """What stands in a picture."""
    import numpy as np

    picture = prepare(content)
    found: list[tuple[Any, str, float]] = []
    for top, piece in pieces(picture):
        answer = engine(np.ascontiguousarray(np.asarray(piece)[:, :, ::-1]))
        if answer.boxes is None or answer.txts is None:
            continue
        for box, words, score in zip(answer.boxes, answer.txts, answer.scores, strict=True):
            placed = np.asarray(box, dtype=float) + [0, top]
            middle = float(placed[:, 1].mean())
            twice = any(
                words == other and abs(middle - float(there[:, 1].mean())) < 20 for there, other, _score in found
            )
            if not twice:
                found.append((placed, str(words), round(float(score), 3)))
    return {"lines": in_rows(found)[:MAX_LINES], "width": picture.width, "height": picture.height}


def load() -> Any:
    """The engine, on one processor, with the models of its package; nothing is fetched."""
    from rapidocr import RapidOCR

    return RapidOCR(
        params={
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "Global.max_side_len": LONG_SIDE,
            "Global.log_level": "critical",
        }
    )


def main() -> None:
    """Answer until there is nothing more to read."""
    limit()
    source, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # what libraries print is no answer
    engine = load()
    answers.write(b'{"ready": true}\n')
    while header := source.readline():
        content = source.read(int(header))
        try:
            answer = read(engine, content)
        except Unfit as error:
            answer = {"error": str(error)}
        except MemoryError:
            answer = {"error": "out_of_memory"}
        except Exception as error:  # whatever a picture does to a library is that picture's fault, and said
            answer = {"error": "unreadable", "detail": type(error).__name__}
        answers.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")


if __name__ == "__main__":
    main()
