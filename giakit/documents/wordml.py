"""WordprocessingML: names of elements in all its namespaces, their attributes, and how runs look once styles are resolved."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

from lxml import etree

from giakit.documents.appearance import BLACK, PICTURE_FONT, WHITE, is_near, mixed

WORD_2003 = "http://schemas.microsoft.com/office/word/2003/wordml"
_PREFIXES = {
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main": "",
    "http://purl.oclc.org/ooxml/wordprocessingml/main": "",
    WORD_2003: "",
    "http://schemas.microsoft.com/office/word/2003/auxHint": "wx:",
    "http://schemas.microsoft.com/aml/2001/core": "aml:",
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc:",
    "http://schemas.openxmlformats.org/officeDocument/2006/math": "m:",
    "http://purl.oclc.org/ooxml/officeDocument/math": "m:",
    "http://schemas.openxmlformats.org/drawingml/2006/main": "a:",
    "http://purl.oclc.org/ooxml/drawingml/main": "a:",
    "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing": "wp:",
    "http://purl.oclc.org/ooxml/drawingml/wordprocessingDrawing": "wp:",
    "http://schemas.openxmlformats.org/drawingml/2006/chart": "c:",
    "http://schemas.openxmlformats.org/drawingml/2006/diagram": "dgm:",
    "http://schemas.microsoft.com/office/word/2010/wordml": "w14:",
    "urn:schemas-microsoft-com:vml": "v:",
    "urn:schemas-microsoft-com:office:office": "o:",
}
_WORD = tuple(f"{{{namespace}}}" for namespace, prefix in _PREFIXES.items() if prefix == "")
# Word 2003 wrote these two in small letters.
_OLD_NAMES = {"vmerge": "vMerge", "hmerge": "hMerge"}
OFF = frozenset(("0", "false", "off", "none"))
# Half-points: below this a run is a speck; from this on a run stands visibly above or below its line.
_TINY = 6
_RAISED = 4
# Per cent of its width below which a run is squeezed to nothing; twentieths of a point below which an exact row shows nothing.
_SQUEEZED = 10


class Names(dict[str, str]):
    """Name of an element by its tag: bare for Word's own, ``mc:``, ``a:``, ``v:``… for its neighbours, else ""."""

    def __missing__(self, tag: str) -> str:
        # Comments and processing instructions, whose tag is no string, are left out by `parse_xml`.
        namespace, _, local = tag[1:].partition("}")
        prefix = _PREFIXES.get(namespace)
        name = "" if prefix is None else prefix + (_OLD_NAMES.get(local, local) if namespace == WORD_2003 else local)
        if len(self) < 4096:
            self[tag] = name
        return name


NAMES = Names()


def name_of(element: etree._Element) -> str:
    """Name of an element, see `Names`."""
    return NAMES[element.tag]  # type: ignore[index]


def attribute(element: etree._Element | None, key: str = "val") -> str | None:
    """One of Word's attributes of an element, in the transitional or the strict namespace."""
    if element is None:
        return None
    for namespace in _WORD:
        value = element.get(namespace + key)
        if value is not None:
            return str(value)
    return None


def child(element: etree._Element | None, *path: str) -> etree._Element | None:
    """First descendant along a path of names, or None."""
    for step in path:
        element = next((each for each in element if name_of(each) == step), None) if element is not None else None
    return element


def stated_in(element: etree._Element, name: str) -> dict[str, etree._Element]:
    """The properties that an element states in its child of that name, by their names; of equal ones the first."""
    stated: dict[str, etree._Element] = {}
    for each in element:
        if name_of(each) == name:
            for stating in each:
                stated.setdefault(name_of(stating), stating)
            break
    return stated


def whole_number(element: etree._Element | None, default: int, key: str = "val") -> int:
    """An attribute as a number; `default` if it is absent or no number."""
    value = attribute(element, key)
    if value is None or not re.fullmatch(r"[+-]?[0-9]{1,9}", value.strip()):
        return default
    return int(value)


def is_on(toggle: etree._Element | None) -> bool:
    """Whether a switch such as ``<w:vanish/>`` is there and not turned off."""
    return toggle is not None and (attribute(toggle) or "1").lower() not in OFF


class Look(NamedTuple):
    """How a run looks, as far as it decides on what is read; None: not said.

    `crowded`: its characters stand in or over one another; `pictured`: its font has pictures for digits; `numbered`: Word
    counts the paragraph and prints a number before it.
    """

    hidden: bool | None = None
    struck: bool | None = None
    crowded: bool | None = None
    pictured: bool | None = None
    numbered: bool | None = None
    level: str | None = None
    size: int | None = None
    colour: str | None = None
    ground: str | None = None
    tables: bool | None = None

    def hides(self, ground: str) -> str:
        """``hidden``, ``struck``, ``tiny`` or ``unseen`` on that ground, "" for what is seen."""
        if self.hidden:
            return "hidden"
        if self.struck:
            return "struck"
        if self.size is not None and self.size < _TINY:
            return "tiny"
        beneath = self.ground or ground
        # On a dark shading Word turns automatic black to white, on a marker it does not.
        colour = self.colour or (BLACK if beneath == _BLACK_MARKER else None)
        return "unseen" if colour and is_near(colour, beneath.removeprefix("marker ")) else ""


NO_LOOK = Look()


@lru_cache(maxsize=4096)
def layered(*looks: Look) -> Look:
    """What looks say together, the uppermost first."""
    stated: dict[str, Any] = {}
    for look in reversed(looks):
        stated |= {key: value for key, value in look._asdict().items() if value is not None}
    return Look(**stated)


_MARKERS = {
    "black": BLACK, "white": WHITE, "blue": "0000FF", "cyan": "00FFFF", "green": "00FF00", "magenta": "FF00FF", "red": "FF0000",
    "yellow": "FFFF00", "darkBlue": "000080", "darkCyan": "008080", "darkGreen": "008000", "darkMagenta": "800080",
    "darkRed": "800000", "darkYellow": "808000", "darkGray": "808080", "lightGray": "C0C0C0",
}  # fmt: skip
_BLACK_MARKER = f"marker {BLACK}"
# Twentieths of a point by which characters come closer; fully transparent in thousandths of a per cent.
_CROWDED = -60
_CLEAR = 90_000


def fill_of(shading: etree._Element | None) -> str | None:
    """Colour of a shading; None where it has none of its own."""
    if shading is None:
        return None
    pattern = attribute(shading) or "clear"
    colour = attribute(shading, "color" if pattern == "solid" else "fill")
    if pattern not in ("clear", "nil", "solid"):
        share = re.fullmatch(r"pct(\d{1,2})", pattern)
        dots, paper = (attribute(shading, key) or "auto" for key in ("color", "fill"))
        return (
            mixed(dots.replace("auto", BLACK), paper.replace("auto", WHITE), int(share[1]) / 100)
            if share
            else "pattern"
        )
    if colour is None or colour.lower() == "auto":
        return BLACK if pattern == "solid" else None
    return colour.upper()


def look_of(properties: etree._Element | None) -> Look:
    """What a ``<w:rPr>`` says by itself."""
    if properties is None or len(properties) == 0:
        return NO_LOOK
    stated: dict[str, bool | str | int | None] = {}
    for each in properties:
        name = name_of(each)
        if name in ("vanish", "specVanish"):
            stated["hidden"] = is_on(each)
        elif name == "eastAsianLayout":
            stated["crowded"] = is_on(each) and (attribute(each, "combine") or "0").lower() not in OFF
        elif name == "fitText" or (name == "spacing" and whole_number(each, 0) < _CROWDED):
            stated["crowded"] = True
        elif name == "rFonts":
            font = attribute(each, "ascii") or attribute(each, "hAnsi")
            stated["pictured"] = PICTURE_FONT.match(font) is not None if font else None
        elif name in ("strike", "dstrike"):
            stated["struck"] = bool(stated.get("struck")) or is_on(each)
        elif name == "vertAlign":
            stated["level"] = {"superscript": "raised", "subscript": "lowered"}.get(attribute(each) or "", "")
        elif name == "position":
            height = whole_number(each, 0)
            if abs(height) >= _RAISED:
                stated["level"] = "raised" if height > 0 else "lowered"
        elif name == "sz":
            stated["size"] = min(
                whole_number(each, 21), stated["size"] if isinstance(stated.get("size"), int) else 1 << 20
            )  # type: ignore[type-var]
        elif name == "w" and whole_number(each, 100) < _SQUEEZED:
            stated["size"] = 0
        elif name == "color":
            colour = attribute(each) or "auto"
            stated["colour"] = "" if colour.lower() == "auto" else colour.upper()
            if (attribute(each, "themeColor") or "").startswith(("background1", "light1", "bg1")):
                stated["colour"] = WHITE
        elif name == "highlight":
            marker = attribute(each) or "none"
            stated["ground"] = f"marker {_MARKERS.get(marker, marker)}" if marker != "none" else None
        elif name == "shd":
            stated.setdefault("ground", fill_of(each))
        elif name in ("w14:textFill", "w14:props3d") and child(each, "w14:noFill") is not None:
            stated["size"] = 0
        elif name == "w14:textFill":
            for part in each.iter():
                if name_of(part) == "w14:srgbClr":
                    stated["colour"] = next(map(str, part.attrib.values()), BLACK).upper()
                elif name_of(part) == "w14:alpha" and any(
                    str(share).isdecimal() and int(share) > _CLEAR for share in part.attrib.values()
                ):
                    stated["size"] = 0
    return Look(**stated)  # type: ignore[arg-type]


def is_numbered(numbering: etree._Element) -> bool:
    """Whether a ``<w:numPr>`` makes Word count the paragraph."""
    return whole_number(child(numbering, "numId"), 0) != 0


def read_styles(root: etree._Element | None) -> dict[str, Look]:
    """Looks of all styles of a ``styles.xml``, what they are based on included.

    `tables` of a look says that the style paints cells, so that the ground under their text is not known. The style of paragraphs
    that name none stands under "".
    """
    looks: dict[str, Look] = {}
    based: dict[str, str] = {}
    usual = ""
    for style in root if root is not None else ():
        key = attribute(style, "styleId")
        if name_of(style) == "style" and key:
            look = look_of(child(style, "rPr"))
            shading = fill_of(child(style, "pPr", "shd"))
            paints = attribute(style, "type") == "table" and any(name_of(each) == "shd" for each in style.iter())
            numbering = child(style, "pPr", "numPr")
            looks[key] = look._replace(
                ground=look.ground or shading,
                tables=paints or None,
                numbered=None if numbering is None else is_numbered(numbering),
            )
            based[key] = attribute(child(style, "basedOn")) or ""
            if attribute(style, "type") == "paragraph" and (attribute(style, "default") or "0").lower() not in OFF:
                usual = key
    resolved: dict[str, Look] = {}
    for key in looks:
        chain: dict[str, None] = {}
        while key in looks and key not in resolved and key not in chain:
            chain[key] = None
            key = based[key]
        below = resolved.get(key, NO_LOOK)
        for each in reversed(chain):
            below = resolved[each] = layered(looks[each], below)
    defaults = look_of(child(root, "docDefaults", "rPrDefault", "rPr"))
    resolved[""] = layered(resolved.get(usual, NO_LOOK), defaults)
    return resolved
