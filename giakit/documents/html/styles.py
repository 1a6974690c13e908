"""What declarations and style sheets do to the text they are about: whether it is seen, where, and in which order."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple


class Look(NamedTuple):
    """What some declarations do to a text.

    Attributes
    ----------
    display, visibility : str
        "none" or "hidden", "shown", or "" where nothing is said.
    sizeless, struck, out_of_sight, moved, turned : bool
        Type without a size; struck out; there, but out of sight; beside where it stands; in another order.
    pale, backed : bool
        Type nearly as white as paper; a background of its own.
    written : str
        What a pseudo-element shows.
    signs : frozenset of str
        The declarations by which two pieces of a figure may differ in which of them is seen, and where.
    """

    display: str = ""
    visibility: str = ""
    sizeless: bool = False
    struck: bool = False
    out_of_sight: bool = False
    moved: bool = False
    turned: bool = False
    pale: bool = False
    backed: bool = False
    written: str = ""
    signs: frozenset[str] = frozenset()

    @property
    def is_odd(self) -> bool:
        """Whether the text may be seen otherwise than it stands there."""
        return (
            self.display == "none"
            or self.visibility == "hidden"
            or self.sizeless
            or self.struck
            or self.out_of_sight
            or self.moved
            or self.turned
            or self.pale
        )


class Rule(NamedTuple):
    """A rule of a style sheet for one selector.

    Attributes
    ----------
    selector, pseudo : str
        Without its pseudo-element, and that.
    look : Look
        What it does.
    strength : tuple of int
        The stronger of two rules is the greater, of two as strong the later.
    names : frozenset of str
        Classes and ids that the last part of the selector asks for.
    tag : str
        The tag that it asks for, "" if none.
    """

    selector: str
    pseudo: str
    look: Look
    strength: tuple[int, int, int, int]
    names: frozenset[str]
    tag: str


_COMMENT = re.compile(r"/\*.*?\*/|<!--|-->", re.S)
_DYNAMIC = re.compile(
    r":(?:hover|focus|active|visited|target|checked|disabled|empty|focus-within|focus-visible)\b"
)
_PSEUDO_ELEMENT = re.compile(r"::?(before|after|first-letter|first-line)$")
_NAMES = re.compile(r"[.#]([\w-]+)")
_LENGTH = re.compile(r"(-?(?:\d+\.?\d*|\.\d+))(px|pt|pc|em|rem|ex|ch|vw|vh|in|cm|mm|%|)(?![\w.])")
_PIXELS = {"px": 1, "": 1, "pt": 1.33, "pc": 16, "em": 16, "rem": 16, "ex": 8, "ch": 8, "vw": 12.8, "vh": 9, "in": 96, "cm": 37.8, "mm": 3.78, "%": 10}  # fmt: skip
_FONT_SIZE = re.compile(
    r"(?:^|\s)((?:\d+\.?\d*|\.\d+)(?:px|pt|pc|em|rem|ex|ch|vw|vh|in|cm|mm|%)?)(?=\s*/|\s|$)(?!\s*/?\s*$)"
)
_COLOR = re.compile(r"#([0-9a-f]{3,8})\b|(rgb|hsl)a?\(([^)]*)\)")
_PALE_NAMES = frozenset(("white", "snow", "ivory", "ghostwhite", "whitesmoke", "floralwhite", "mintcream", "azure", "aliceblue", "seashell", "honeydew"))  # fmt: skip
_WINDOW_WIDTH, _WINDOW_HEIGHT = 1280, 900
_WIDTH = re.compile(r"(min|max)-(?:device-)?(width|height)\s*:\s*(-?[\d.]+)(px|em|rem|)")
_OTHER_MEDIA = re.compile(
    r"\b(?:print|speech|braille|embossed|handheld|tty|tv|aural)\b|portrait|prefers-[\w-]+\s*:\s*(?:dark|reduce|more)|(?:hover|pointer)\s*:\s*(?:none|coarse)"
)
_OFFSETS = frozenset(("left", "right", "top", "bottom", "inset", "margin-left", "margin-top", "margin-right", "margin-bottom", "margin", "text-indent", "transform", "translate"))  # fmt: skip
_TINY, _FAR_BACK, _FAR_ON = 3.0, -300.0, 2000.0
_FAINT = 0.15
_PAPER = 0.88
_SMALLEST_TYPE = 4.0
_CLOSEST = -2.0
# What these say changes nothing about which digits are seen, or where.
_HARMLESS = re.compile(
    r"mso-|-ms-|panose|font-(?:family|weight|style|stretch|kerning|variant$)|text-(?:align|justify|autospace|underline|transform|rendering|size-adjust)"
    r"|line-|layout-|word-|overflow-wrap|white-space|punctuation|tab-|page-|break-|orphans|widows|cursor|box-sizing|outline|user-select"
    r"|background|border|padding|min-width|min-height|max-width|max-height|width|height|color-|-webkit-(?:text-stroke|font)|list-|ruby-|language|unicode-range"
)
_SHOWN_DISPLAYS = frozenset(("inline", "block", "inline-block", "table-cell"))


@lru_cache(maxsize=4096)
def look_of(declarations: str) -> Look:
    """What declarations, as in a ``style`` attribute, do to a text.

    >>> look_of("color: #FFF; text-decoration: line-through").pale, look_of("left:-9999px").out_of_sight
    (True, True)
    """
    parts = [part for part in _COMMENT.sub("", declarations).lower().split(";") if ":" in part]
    return Look() if all(map(_says_nothing, parts)) else _look(parts)


@lru_cache(maxsize=1 << 13)
def _says_nothing(declaration: str) -> bool:
    name, _, value = declaration.partition(":")
    name, value = name.strip(), value.strip()
    if name == "display" or (name.startswith("background") and (_shade(value) or 0) < _PAPER):
        return False
    return _is_harmless(name, value)


def _look(declarations: list[str]) -> Look:
    stated: dict[str, str] = {}
    for declaration in declarations:
        name, _, value = declaration.partition(":")
        stated[name.strip()] = value.replace("!important", "").strip()
    get = stated.get
    color = get("-webkit-text-fill-color") or get("color", "")
    ground = get("background-color") or get("background", "")
    shade = _shade(color)
    transform = " ".join(get(name, "") for name in ("transform", "-webkit-transform", "rotate", "scale"))
    clipped = "hidden" in get("overflow", "") or "clip" in get("overflow", "")
    display = get("display", "")
    size = _type_size(stated)
    return Look(
        display="none" if display == "none" else "shown" if display else "",
        visibility=""
        if not get("visibility")
        else "hidden"
        if get("visibility") in ("hidden", "collapse")
        else "shown",
        sizeless=size == 0,
        struck=any(
            "line-through" in value for name, value in stated.items() if name.startswith("text-decoration")
        ),
        out_of_sight=(
            _number(get("opacity", "1")) <= _FAINT
            or color == "transparent"
            or (shade is None and bool(color))
            or (bool(color) and color == ground)
            or get("clip", "auto") != "auto"
            or get("clip-path", "none") != "none"
            or get("content-visibility") == "hidden"
            or any(
                get(name, "none") != "none"
                for name in ("mask", "mask-image", "-webkit-mask", "-webkit-text-security")
            )
            or any(word in get("filter", "") for word in ("opacity(0", "blur", "brightness", "contrast(0"))
            or re.search(r"scale\w*\(\s*0|matrix\(\s*0", transform) is not None
            or get("scale") == "0"
            or _number(get("zoom", "1")) <= _FAINT
            or (0 < size < _SMALLEST_TYPE)
            or (
                clipped
                and any(_tiny(get(name, "")) for name in ("width", "height", "max-width", "max-height"))
            )
            or any(_is_far(value) for name, value in stated.items() if name in _OFFSETS)
        ),
        moved=(
            get("float", "none") not in ("none", "inherit")
            or get("position") in ("absolute", "fixed")
            or (get("position") == "relative" and any(side in stated for side in ("left", "right", "inset")))
            or any(
                get(name, "none") != "none" for name in ("transform", "translate", "rotate", "offset-path")
            )
            or get("order", "0") != "0"
            or any(
                length < _CLOSEST
                for name in ("letter-spacing", "margin", "margin-left", "margin-right")
                for length in _lengths(get(name, ""))
            )
        ),
        turned=(
            get("direction") == "rtl"
            or "override" in get("unicode-bidi", "")
            or "reverse" in get("flex-direction", "") + get("flex-flow", "")
            or re.search(r"scale\w*\([^)]*-|rotate\w*\(\s*-?1\d\d|^-?1\d\ddeg", transform.strip()) is not None
        ),
        pale=shade is not None and shade >= _PAPER,
        backed=bool(ground)
        and not ground.startswith(("none", "transparent", "inherit", "initial"))
        and (_shade(ground) or 0) < _PAPER,
        written=get("content", ""),
        signs=frozenset(f"{name}:{value}" for name, value in stated.items() if not _is_harmless(name, value)),
    )


def _is_harmless(name: str, value: str) -> bool:
    if "var(" in value:
        return False
    if name == "color":
        shade = _shade(value)
        return shade is not None and shade < _PAPER
    if name in ("font-size", "font"):
        return not 0 <= _type_size({name: value}) < _SMALLEST_TYPE
    if name == "letter-spacing" or name.startswith("margin"):
        return all(length >= _CLOSEST for length in _lengths(value))
    if name == "text-indent":
        return not _is_far(value)
    if name == "vertical-align":
        return value in ("baseline", "middle", "top", "bottom", "initial")
    if name.startswith("text-decoration"):
        return "line-through" not in value
    if name == "display":
        return value in _SHOWN_DISPLAYS
    if name in ("width", "height", "max-width", "max-height"):
        return not _tiny(value)
    return _HARMLESS.match(name) is not None


def _lengths(value: str) -> list[float]:
    return [float(number) * _PIXELS[unit] for number, unit in _LENGTH.findall(value)]


def _number(value: str) -> float:
    found = re.match(r"(\d*\.?\d+)(%?)", value)
    return float(found[1]) / (100 if found[2] else 1) if found else 1.0


def _tiny(value: str) -> bool:
    lengths = _lengths(value)
    return bool(lengths) and max(map(abs, lengths)) <= _TINY


def _is_far(value: str) -> bool:
    return any(length <= _FAR_BACK or length >= _FAR_ON for length in _lengths(value))


def _type_size(stated: dict[str, str]) -> float:
    """The size of the type in pixels; -1 where none is stated."""
    value = stated.get("font-size")
    if value is None:
        found = _FONT_SIZE.search(stated.get("font", ""))
        value = found[1] if found else ""
    match = _LENGTH.match(value)
    if match is None:
        return -1
    return float(match[1]) * (0.16 if match[2] == "%" else _PIXELS[match[2]])


def _shade(value: str) -> float | None:
    """How light a color is, 0 black and 1 white; None where it cannot be seen at all, 0 where it is not known."""
    if value.split(" ")[0] in _PALE_NAMES:
        return 1.0
    found = _COLOR.search(value)
    if found is None:
        return None if value == "transparent" else 0.0
    digits, kind, parts = found.groups()
    if digits:
        if len(digits) in (3, 4):
            digits = "".join(digit * 2 for digit in digits)
        values = [int(digits[place : place + 2], 16) / 255 for place in range(0, len(digits) - 1, 2)]
    else:
        numbers = re.findall(r"([\d.]+)(%?)", parts)
        if len(numbers) < 3:
            return 0.0
        alpha = [_number("".join(numbers[3]))] if len(numbers) > 3 else []
        if kind == "hsl":
            values = [float(numbers[2][0]) / 100] * 3 + alpha
        else:
            values = [float(number) / (100 if percent else 255) for number, percent in numbers[:3]] + alpha
    if len(values) > 3 and values[3] <= _FAINT:
        return None
    return sum(weight * value for weight, value in zip((0.3, 0.59, 0.11), values, strict=False))


def rules_of(sheet: str, names: set[str]) -> list[Rule]:
    """The rules of a style sheet that matter to what is seen in a window on a desk, in their order.

    Parameters
    ----------
    sheet : str
        The style sheet.
    names : set of str
        The classes and ids of the page: rules for others are left out.

    Examples
    --------
    >>> rules = rules_of("p {color: red} td .x, #y {display: none}", {"x"})
    >>> [(rule.selector, rule.look.display) for rule in rules]
    [('td .x', 'none')]
    """
    return [
        rule
        for prelude, asked, body in _style_rules(sheet)
        if not asked or not asked.isdisjoint(names)
        for rule in _rules(prelude, body)
        if rule.names <= names
    ]


@lru_cache(maxsize=4096)
def _rules(prelude: str, body: str) -> tuple[Rule, ...]:
    rules: list[Rule] = []
    look = look_of(body)
    if not (look.is_odd or look.display or look.visibility or look.written or look.backed):
        return ()
    for selector in re.split(r",(?![^()]*\))", prelude):
        plain = selector.strip()
        if not plain or _DYNAMIC.search(plain):
            continue
        pseudo = _PSEUDO_ELEMENT.search(plain)
        plain = plain[: pseudo.start()] or "*" if pseudo else plain
        last = re.split(r"[\s>+~]+", plain)[-1].partition(":")[0].partition("[")[0]
        tag = re.match(r"[a-zA-Z][\w-]*", last)
        ids, others = plain.count("#"), len(re.findall(r"[.\[:]", plain))
        tags = len(re.findall(r"(?:^|[\s>+~])[a-z]", plain))
        rules.append(
            Rule(
                plain,
                pseudo[1] if pseudo else "",
                look,
                (int("!important" in body), ids, others, tags),
                frozenset(_NAMES.findall(last)),
                tag[0].lower() if tag else "",
            )
        )
    return tuple(rules)


# The pages of a site repeat their sheets.
@lru_cache(maxsize=128)
def _style_rules(sheet: str) -> tuple[tuple[str, frozenset[str], str], ...]:
    """Selectors, the names in them, and declarations of all rules but those for other media, animations and fonts."""
    parts = re.split(r"([{}])", _COMMENT.sub("", sheet))
    applies = [True]
    rules = []
    for text, brace, following in zip(parts[::2], parts[1::2], parts[2::2], strict=False):
        if brace == "}":
            if len(applies) > 1:
                applies.pop()
            continue
        prelude = text.rpartition(";")[2].strip()
        if prelude.startswith("@"):
            applies.append(applies[-1] and _applies(prelude.lower()))
        else:
            applies.append(applies[-1])
            if applies[-1]:
                rules.append((prelude, frozenset(_NAMES.findall(prelude)), following))
    return tuple(rules)


def _applies(prelude: str) -> bool:
    name, _, condition = prelude.partition(" ")
    if name != "@media":
        return name in ("@supports", "@layer", "@container", "@document")
    return any(_is_screen(query) for query in condition.split(","))


def _is_screen(query: str) -> bool:
    if query.strip().startswith("not"):
        return False
    if _OTHER_MEDIA.search(query):
        return False
    for bound, side, number, unit in _WIDTH.findall(query):
        limit = float(number) * (16 if "em" in unit else 1)
        actual = _WINDOW_WIDTH if side == "width" else _WINDOW_HEIGHT
        if (actual > limit) if bound == "max" else (actual < limit):
            return False
    return True
