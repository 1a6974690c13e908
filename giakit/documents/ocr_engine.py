"""The recogniser: loaded once, with the models inside its package, never from the network."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from giakit.errors import UnreadableDocument

# Longest side the detector sees; above it pictures are reduced.
_LONGEST = 3000


@dataclass(frozen=True, slots=True)
class Mark:
    """A recognised line: its box, and each character with its confidence and extent from left to right."""

    left: float
    top: float
    right: float
    bottom: float
    text: str
    score: float
    characters: tuple[tuple[str, float, float, float], ...]


def ocr_installed() -> bool:
    """Whether the extra ``ocr`` is there."""
    return importlib.util.find_spec("rapidocr") is not None


@cache
def _engine(name: str) -> Any:
    import rapidocr
    from rapidocr import RapidOCR

    models = Path(rapidocr.__file__).parent / "models"
    parameters: dict[str, Any] = {
        "Global.log_level": "critical",
        "Global.max_side_len": _LONGEST,
        "Global.text_score": 0.0,
    }
    # With its path given, a model is never fetched.
    for part, pattern in (("Det", "*_det_*.onnx"), ("Rec", "*_rec_*.onnx"), ("Cls", "*_cls_*.onnx")):
        files = sorted(models.glob(pattern))
        if not files:
            raise UnreadableDocument(name, "rapidocr is installed without its models")
        parameters[f"{part}.model_path"] = str(files[-1])
    return RapidOCR(params=parameters)


def read_lines(image: np.ndarray, name: str) -> list[Mark]:
    """Find and recognise the lines of text in a picture."""
    result = _engine(name)(
        image, use_det=True, use_cls=False, use_rec=True, return_word_box=True, return_single_char_box=True
    )
    if result.boxes is None or not result.txts:
        return []
    words = result.word_results or [()] * len(result.txts)
    return [
        _mark(box, text, float(score), characters)
        for box, text, score, characters in zip(result.boxes, result.txts, result.scores, words, strict=True)
        if text.strip()
    ]


def _mark(box: Any, text: str, score: float, words: Any) -> Mark:
    corners = np.asarray(box, dtype=float)
    left, top = corners.min(axis=0)
    right, bottom = corners.max(axis=0)
    characters: list[Any] = []
    for word in words:
        if len(word) < 3 or len(word[0]) != 1:
            characters = []
            break
        xs = np.asarray(word[2], dtype=float)[:, 0]
        characters.append((word[0], float(word[1]), float(xs.min()), float(xs.max())))
    if not characters or "".join(c[0] for c in characters) != text.replace(" ", ""):
        step = (right - left) / len(text)
        characters = [
            (character, score, left + k * step, left + (k + 1) * step)
            for k, character in enumerate(text)
            if character != " "
        ]
    return Mark(float(left), float(top), float(right), float(bottom), text, score, tuple(characters))


def read_crops(crops: list[np.ndarray], name: str) -> list[tuple[str, float]]:
    """Recognise pictures that hold one line each."""
    if not crops:
        return []
    engine = _engine(name)
    engine.return_word_box = False
    engine._load_rec_model()
    result = engine.recognize_txt(crops)
    return [(text, float(score)) for text, score in zip(result.txts, result.scores, strict=True)]
