"""What declarations and style sheets do to the text they are about: whether it is seen, where, and in which order."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from tinycss2 import color4

from giakit.documents.appearance import BLACK, WHITE, is_near


class Look(NamedTuple):
    """What some declarations do to a text.

    Attributes
    ----------
    display, visibility : str
        "none" or "hidden", "shown", or "" where nothing is said.
    important : bool
        Whether a declaration insists.
    size : float
        Of the type in pixels; -1 where none is stated.
    room : float
        Pixels of width beyond which the text is cut.
    struck, out_of_sight, moved, turned : bool
        Struck out; there, but out of sight or in a way that cannot be judged; beside where it stands; in another order.
    colour, ground : str
        Six hexadecimal digits; "" where none is stated, "none" for what lets the ground through, "?" for what cannot be told.
    written : str
        What a pseudo-element shows.
    signs : frozenset of str
        The declarations by which two pieces of a figure may differ in which of them is seen, and where.
    """

    display: str = ""
    visibility: str = ""
    important: bool = False
    size: float = -1
    room: float = float("inf")
    struck: bool = False
    out_of_sight: bool = False
    moved: bool = False
    turned: bool = False
    colour: str = ""
    ground: str = ""
    written: str = ""
    signs: frozenset[str] = frozenset()

    @property
    def hides(self) -> bool:
        """Whether the text is not shown at all."""
        return self.display == "none" or self.visibility == "hidden"

    @property
    def is_odd(self) -> bool:
        """Whether the text may be seen otherwise than it stands there, whatever its colours."""
        return (
            self.hides
            or self.size == 0
            or self.room < _WIDE
            or self.struck
            or self.out_of_sight
            or self.moved
            or self.turned
        )

    @property
    def is_coloured(self) -> bool:
        """Whether its colours are others than dark type on light paper."""
        return self.colour == "?" or _shade(self.colour) >= _MIDDLE or _shade(self.ground, 1.0) < _MIDDLE


class Rule(NamedTuple):
    """A rule of a style sheet for one selector, given without its pseudo-element: what it does (the stronger of two is the greater,
    of two as strong the later), and the tag, the classes and ids that the last part of the selector asks for.
    """

    selector: str
    pseudo: str
    look: Look
    strength: tuple[int, int, int, int]
    names: frozenset[str]
    tag: str


_COMMENT = re.compile(r"/\*.*?\*/|<!--|-->", re.S)
_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?")
_DYNAMIC = re.compile(r":(?:hover|focus|active|visited|target|checked|disabled|empty|focus-within|focus-visible)\b|::")
_PSEUDO_ELEMENT = re.compile(r"::?(before|after|first-letter|first-line)$")
_NAMES = re.compile(r"[.#]([\w-]+)")
_VARIABLE = re.compile(r"(--[\w-]+)\s*:\s*([^;}\"]+)")
_USE = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,\s*([^()]*))?\)")
_LENGTH = re.compile(r"(-?(?:\d+\.?\d*|\.\d+))(px|pt|pc|em|rem|ex|ch|vw|vh|in|cm|mm|%|)(?![\w.])")
_PIXELS = {"px": 1, "": 1, "pt": 1.33, "pc": 16, "em": 16, "rem": 16, "ex": 8, "ch": 8, "vw": 12.8, "vh": 9, "in": 96, "cm": 37.8, "mm": 3.78, "%": 10}  # fmt: skip
_FONT_SIZE = re.compile(
    r"(?:^|\s)((?:\d+\.?\d*|\.\d+)(?:px|pt|pc|em|rem|ex|ch|vw|vh|in|cm|mm|%)?)(?=\s*/|\s|$)(?!\s*/?\s*$)"
)
_WINDOW_WIDTH, _WINDOW_HEIGHT = 1280, 900
_WIDTH = re.compile(r"(min|max)-(?:device-)?(width|height)\s*:\s*(-?[\d.]+)(px|em|rem|)")
_WIDTH_RANGE = re.compile(r"(width|height)\s*([<>])=?\s*([\d.]+)(px|em|rem|)")
_OTHER_MEDIA = re.compile(
    r"\b(?:print|speech|braille|embossed|handheld|tty|tv|aural)\b|portrait|prefers-[\w-]+\s*:\s*(?:dark|reduce|more)|(?:hover|pointer)\s*:\s*(?:none|coarse)"
)
_DISPLAYS = re.compile(
    r"(?:none|contents|list-item|(?:inline|block|flow|table|flex|grid|ruby|-webkit|-moz|-ms)[\w -]*|inherit|initial|unset)$"
)
# Declarations, as name:value, by which a text is there and not seen, or of which nothing can be said.
_HIDING = re.compile(
    r"clip:(?!auto$)|clip-path:(?!none$)|content-visibility:hidden|-webkit-text-security:(?!none$)|content:.*url"
    r"|(?:-webkit-)?mask(?:-image)?:(?!none$)|filter:.*(?:opacity|blur|brightness|contrast|invert|url)|z-index:-"
    r"|animation(?:-name)?:(?!none)"
    r"|(?:display|visibility|opacity|color|-webkit-text-fill-color|letter-spacing|zoom|transform):.*\b(?:var|calc|min|max|clamp|env|attr)\("
)
# … by which its characters stand in another order, on their heads, over one another or elsewhere.
_TURNING = re.compile(
    r"direction:rtl|unicode-bidi:.*override|flex-(?:direction|flow):.*reverse|position:fixed|offset-path:(?!none$)|list-style(?:-type)?:.*(?:decimal|roman|alpha|latin|cjk)"
    r"|(?:-\w+-)?transform:.*(?:rotate\w*\((?!0(?:deg)?\))|skew|matrix\w*\((?!1,\s*0,\s*0,\s*1))|rotate:(?!none$|0)"
)
_MOVING = re.compile(
    r"float:(?!none$|inherit$)|position:absolute|translate:(?!none$)|(?:-\w+-)?transform:.*translate|order:(?!0$)"
    r"|grid-(?:area|row|column)(?:-start|-end)?:(?!auto$)"
)
_OFFSETS = ("left", "right", "top", "bottom", "inset", "margin", "text-indent", "transform", "translate")
_WIDTHS = ("width", "max-width", "inline-size", "max-inline-size")
_HEIGHTS = ("height", "max-height", "block-size", "max-block-size")
_TINY, _FAR_BACK, _FAR_ON, _LOW = 3.0, -300.0, 2000.0, 6.0
_WIDE = 100.0
_FAINT = 0.15
_SQUEEZED = 0.3
_MIDDLE = 0.5
_SMALLEST_TYPE = 4.0
# What stands for a size that cannot be told.
_SPECK = 1.0
_CLOSEST = -2.0
# What these say changes nothing about which digits are seen, or where.
_HARMLESS = re.compile(
    r"mso-|-ms-|panose|font-(?:family|weight|style|stretch|kerning|variant$)|text-(?:align|justify|autospace|underline|transform|rendering|size-adjust)"
    r"|line-|layout-|word-|overflow-wrap|white-space|punctuation|tab-|page-|break-|orphans|widows|cursor|box-sizing|outline|user-select"
    r"|background|border|padding|min-width|min-height|max-width|max-height|width|height|color-|-webkit-(?:text-stroke|font)|list-|ruby-|language|unicode-range"
)


@lru_cache(maxsize=4096)
def look_of(declarations: str) -> Look:
    """What declarations, as in a ``style`` attribute, do to a text.

    >>> look_of("color: #FFF; text-decoration: line-through").struck, look_of("left:-9999px").out_of_sight
    (True, True)
    """
    stated: dict[str, str] = {}
    plain = _plain(declarations).lower()
    for declaration in plain.split(";"):
        name, _, value = declaration.partition(":")
        name, value = name.strip(), value.replace("!important", "").strip()
        # A browser passes over what it does not know.
        if not (name == "display" and not _DISPLAYS.match(value) and "(" not in value) and not (
            name == "color" and _hex(value) is None
        ):
            stated[name] = value
    stated.pop("", None)
    get = stated.get
    clipped = any(
        name.startswith("overflow") and ("hidden" in value or "clip" in value) for name, value in stated.items()
    )
    colour = _hex(get("-webkit-text-fill-color") or get("color", "")) or ""
    size = _type_size(stated)
    parts = [f"{name}:{value}" for name, value in stated.items()]
    widths = [length for name in _WIDTHS for length in _lengths(get(name, ""))]
    heights = [length for name in _HEIGHTS for length in _lengths(get(name, ""))]
    scales = [
        float(number)
        for arguments in re.findall(r"scale\w*\(([^)]*)", get("transform", "") + get("-webkit-transform", ""))
        for number in re.findall(r"-?\d*\.?\d+", arguments)
    ]
    scales += [float(number) for number in re.findall(r"^-?\d*\.?\d+", get("scale", ""))]
    display, visibility = get("display", ""), get("visibility", "")
    return Look(
        display="none" if display == "none" else "shown" if display else "",
        visibility="hidden" if visibility in ("hidden", "collapse") else "shown" if visibility else "",
        important="!important" in plain,
        size=size,
        room=min([abs(width) for width in widths], default=float("inf")) if clipped else float("inf"),
        struck=any("line-through" in part for part in parts if part.startswith("text-decoration")),
        out_of_sight=(
            any(map(_HIDING.match, parts))
            or colour in ("none", "?")
            or min(_number(get("opacity", "1")), _number(get("zoom", "1"))) <= _FAINT
            or any(abs(scale) <= _SQUEEZED for scale in scales)
            or 0 < size < _SMALLEST_TYPE
            or any(
                length <= _FAR_BACK or length >= _FAR_ON
                for name, value in stated.items()
                if name.startswith(_OFFSETS)
                for length in _lengths(value)
            )
            or (
                clipped
                and (
                    min(map(abs, widths), default=_WIDE) <= _TINY
                    or min(map(abs, heights), default=_WIDE) <= _LOW
                    or _lengths(get("line-height", ""))[:1] == [0.0]
                    or max(_lengths(get("text-indent", "")), default=0) > _WIDE
                )
            )
        ),
        moved=(
            any(map(_MOVING.match, parts))
            or (
                get("position") == "relative"
                and not stated.keys().isdisjoint(("left", "right", "top", "bottom", "inset"))
            )
            or any(
                length < _CLOSEST
                for name, value in stated.items()
                if name.startswith("margin")
                for length in _lengths(value)
            )
        ),
        turned=(
            any(map(_TURNING.match, parts))
            or min(scales, default=1) < 0
            or min(_lengths(get("letter-spacing", "")), default=0) < _CLOSEST
        ),
        colour=colour,
        ground=_ground(get("background-color") or get("background", "")),
        written=get("content", ""),
        signs=frozenset(f"{name}:{value}" for name, value in stated.items() if not _is_harmless(name, value)),
    )


def _plain(css: str) -> str:
    """Without comments, and with what is written by its code."""
    css = _COMMENT.sub("", css) if "/*" in css or "--" in css else css
    return (
        _ESCAPE.sub(lambda code: chr(min(int(code[1], 16), 0xFFFD)), css)
        if "\\" in css and "content" not in css
        else css
    )


def _is_harmless(name: str, value: str) -> bool:
    if "var(" in value:
        return False
    if name == "color":
        colour = _hex(value) or "none"
        return colour not in ("none", "?") and not is_near(colour, WHITE)
    if name in ("font-size", "font"):
        return not 0 <= _type_size({name: value}) < _SMALLEST_TYPE
    if name == "letter-spacing" or name.startswith("margin"):
        return all(length >= _CLOSEST for length in _lengths(value))
    if name == "text-indent":
        return all(_FAR_BACK < length < _FAR_ON for length in _lengths(value))
    if name == "vertical-align":
        return value in ("baseline", "middle", "top", "bottom", "initial")
    if name.startswith("text-decoration"):
        return "line-through" not in value
    if name == "display":
        return value in ("inline", "block", "inline-block", "table-cell")
    if name in _WIDTHS or name in _HEIGHTS:
        return max(map(abs, _lengths(value)), default=_WIDE) > _TINY
    return _HARMLESS.match(name) is not None


def _lengths(value: str) -> list[float]:
    return [float(number) * _PIXELS[unit] for number, unit in _LENGTH.findall(value)]


def _number(value: str) -> float:
    match = re.match(r"(\d*\.?\d+)(%?)", value)
    return float(match[1]) / (100 if match[2] else 1) if match else 1.0


def _type_size(stated: dict[str, str]) -> float:
    """The size of the type in pixels; -1 where none is stated."""
    value = stated.get("font-size")
    if value is None:
        shorthand = _FONT_SIZE.search(stated.get("font", ""))
        value = shorthand[1] if shorthand else ""
    if "(" in value:
        lengths = _lengths(value)
        if not lengths or not {"-", "*", "/", "var"}.isdisjoint(re.split(r"[\s(]+", value)):
            return _SPECK
        return sum(lengths) if "calc(" in value else max(lengths) if "max(" in value else min(lengths)
    match = _LENGTH.match(value)
    if match is None:
        return -1
    return float(match[1]) * (0.16 if match[2] == "%" else _PIXELS[match[2]])


@lru_cache(maxsize=1024)
def _hex(value: str) -> str | None:
    """A colour as six hexadecimal digits; "none" where it lets the ground through, "?" where it cannot be told, None if it is none.

    >>> _hex("lightyellow"), _hex("rgb(0 0 0 / 5%)"), _hex("oklch(1 0 0)"), _hex("bogus")
    ('FFFFE0', 'none', 'FFFFFF', None)
    """
    if value in ("inherit", "initial", "unset", "currentcolor", "windowtext", "auto"):
        return ""
    if value in ("canvas", "window"):
        return WHITE
    # Old attributes leave the # out.
    colour = color4.parse_color(f"#{value}" if re.fullmatch("[0-9a-f]{6}", value) else value)
    if colour is None or isinstance(colour, str):
        return "?" if "(" in value else None
    if (colour.alpha or 0) <= _FAINT:
        return "none"
    try:
        parts = colour.to("srgb").coordinates
    except NotImplementedError:
        lightness = colour.coordinates[0] or 0
        parts = (lightness / (1 if colour.space.startswith("ok") else 100),) * 3
    return "".join(f"{round(min(max(part or 0, 0), 1) * 255):02X}" for part in parts)


def _ground(value: str) -> str:
    """The colour of a background, as `Look.ground`."""
    if not value:
        return ""
    if "url(" in value or "gradient" in value:
        return "?"
    colours = [_hex(part) for part in re.findall(r"[\w-]+\([^)]*\)|[^\s]+", value)]
    return next((colour for colour in colours if colour), "none")


def _shade(colour: str, default: float = 0.0) -> float:
    """How light a colour is, 0 black and 1 white."""
    if len(colour) != 6:
        return default
    return sum(
        weight * int(colour[at : at + 2], 16) / 255 for weight, at in zip((0.3, 0.59, 0.11), (0, 2, 4), strict=True)
    )


def is_faint(looks: Iterable[Look]) -> bool:
    """Whether type cannot be told from its ground, given the looks of its element and those around, the innermost first."""
    colour = ground = ""
    for look in looks:
        colour = colour or look.colour
        ground = ground or look.ground.replace("none", "")
    return is_near(colour or BLACK, ground.replace("?", WHITE) or WHITE)


def resolved(css: str, definitions: str) -> str:
    """With the values of variables that have one value only in their definitions."""
    if "var(" not in css:
        return css
    values: dict[str, set[str]] = {}
    for name, value in _VARIABLE.findall(definitions):
        values.setdefault(name, set()).add(value.strip())

    def value_of(use: re.Match[str]) -> str:
        known = values.get(use[1]) or ({use[2].strip()} if use[2] else set())
        return next(iter(known)) if len(known) == 1 else use[0]

    return _USE.sub(value_of, _USE.sub(value_of, css))


def rules_of(sheet: str, names: set[str]) -> list[Rule]:
    """The rules of a sheet that matter to what is seen in a window on a desk, in their order, for the classes and ids of a page.

    >>> rules = rules_of("p {margin: 0} td .x, #y {display: none}", {"x"})
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
    if not (look.is_odd or look.display or look.visibility or look.written or look.colour or look.ground or look.size >= 0):  # fmt: skip
        return ()
    for selector in re.split(r",(?![^()]*\))", prelude):
        plain = selector.strip()
        pseudo = _PSEUDO_ELEMENT.search(plain)
        plain = plain[: pseudo.start()] or "*" if pseudo else plain
        if not plain or _DYNAMIC.search(plain):
            continue
        last = re.split(r"[\s>+~]+", plain)[-1].partition(":")[0].partition("[")[0]
        tag = re.match(r"[a-zA-Z][\w-]*", last)
        ids, others = plain.count("#"), len(re.findall(r"[.\[:]", plain))
        tags = len(re.findall(r"(?:^|[\s>+~])[a-z]", plain))
        rules.append(
            Rule(
                plain,
                pseudo[1] if pseudo else "",
                look,
                (int(look.important), ids, others, tags),
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
    if name == "@media":
        return is_for_screens(condition)
    return name in ("@supports", "@layer", "@container", "@document") and not condition.startswith("not")


def is_for_screens(media: str) -> bool:
    """Whether what is said of media, as in ``<style media>``, holds for a window on a desk.

    >>> is_for_screens("print"), is_for_screens("not print"), is_for_screens("screen and (max-width: 600px)")
    (False, True, False)
    """
    return any(_is_screen(query.strip()) for query in media.lower().split(","))


def _is_screen(query: str) -> bool:
    if query.startswith("not "):
        return not _is_screen(query[4:])
    if _OTHER_MEDIA.search(query):
        return False
    bounds = [(bound, *rest) for bound, *rest in _WIDTH.findall(query)]
    bounds += [("max" if sign == "<" else "min", side, *rest) for side, sign, *rest in _WIDTH_RANGE.findall(query)]
    for bound, side, number, unit in bounds:
        limit = float(number) * (16 if "em" in unit else 1)
        actual = _WINDOW_WIDTH if side == "width" else _WINDOW_HEIGHT
        if (actual > limit) if bound == "max" else (actual < limit):
            return False
    return True
