"""Papers and photographs: what hangs on the demo's mails, drawn when it is laid out."""

from __future__ import annotations

import io
import json
import random
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import typst
from PIL import Image, ImageChops, ImageFilter

from postkorb.demo.story import STORY

PHOTOGRAPH_WIDTH = 960


@dataclass(frozen=True, slots=True)
class Paper:
    """A file ready to hang on a mail."""

    name: str
    type: str
    content: bytes


@cache
def paper(name: str) -> Paper:
    """The paper or photograph that files.toml describes under this name."""
    described = tomllib.loads((STORY / "files.toml").read_text("utf-8"))
    for table in described["paper"]:
        if table["name"] == name:
            pdf = typeset("paper.typ", paper=json.dumps(table))
            return Paper(name, "application/pdf", pdf)
    [table] = [table for table in described["photograph"] if table["name"] == name]
    return Paper(name, "image/jpeg", _photograph(table["drawing"], table.get("turned", 0)))


def typeset(template: str, **inputs: str) -> bytes:
    """A template of story/ as PDF, in the fonts that the product and Typst bring."""
    with resources.as_file(STORY) as folder:
        pdf = typst.compile(folder / template, root=folder, font_paths=_fonts(), sys_inputs=inputs)
    assert isinstance(pdf, bytes)
    return pdf


def grained(picture: Image.Image, strength: float, seed: str) -> Image.Image:
    """The picture with the grain of a camera or scanner; strength is a deviation in grey levels."""
    grain = _grain(int(strength))
    left, top = (random.Random(seed).randrange(size) for size in grain.size)
    noise = ImageChops.offset(grain, left, top).resize(picture.size).convert("RGB")
    return ImageChops.add(picture, noise, offset=-128)


@cache
def _grain(strength: int) -> Image.Image:
    return Image.effect_noise((900, 1200), strength)


@cache
def _fonts() -> typst.Fonts:
    with resources.as_file(resources.files("connectors.post") / "fonts") as folder:
        return typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=True, font_paths=[folder]
        )


def _photograph(drawing: str, turned: float) -> bytes:
    """The drawing a little turned, unsharp and grainy, as JPEG."""
    with resources.as_file(STORY) as folder:
        drawn: Any = typst.compile(
            folder / "photograph.typ",
            root=folder,
            font_paths=_fonts(),
            format="png",
            ppi=86.4,
            sys_inputs={"drawing": f"pictures/{drawing}"},
        )
    picture = Image.open(io.BytesIO(drawn)).convert("RGB")
    inner = picture.rotate(turned + 1.5, Image.Resampling.BICUBIC)
    edge = 20 + int(abs(turned) * 4)
    inner = inner.crop((edge, edge, picture.width - edge, picture.height - edge))
    height = PHOTOGRAPH_WIDTH * inner.height // inner.width
    soft = inner.resize((PHOTOGRAPH_WIDTH, height)).filter(ImageFilter.GaussianBlur(1.2))
    written = io.BytesIO()
    grained(soft, 9, drawing).save(written, "JPEG", quality=72)
    return written.getvalue()
