"""What of a parsed page is seen, and where something else is seen than the text that stands there.

What a browser does not show is taken out of the page: elements hidden by an attribute, by their style or by a style
sheet. Where it shows something else than the text there (text out of sight, fields and pictures, what a style sheet or
a script writes, turned order), the cell gets a mark, of which the reader makes a doubt.

A figure made of several pieces of text is in doubt, too, unless all its pieces look alike: what a class looks like may
stand in a style sheet elsewhere. Declarations that change nothing about which digits are seen, as Word writes them by
the dozen, make no difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from html import unescape
from typing import Any, NamedTuple

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from giakit.documents.html.styles import Look, Rule, is_faint, is_for_screens, look_of, resolved, rules_of
from giakit.documents.model import Doubt

MARK = "\ufdd0"
"""Begins a mark: no text may hold this character. The one behind it is a key of `DOUBTS`."""
NOTE_MARK = re.compile(r"<sup>\s*[\[(（〔［]?([1-9]\d?)[\])）〕］]?\s*</sup>")
"""Raised digits that are the mark of a note, if they stand behind something."""
DOUBTS = {
    "S": Doubt("text stands there, but out of sight"),
    "F": Doubt("a field or a picture stands there, which may show a figure"),
    "W": Doubt("a script of the page may write there"),
    "G": Doubt("a style sheet of the page writes there"),
    "T": Doubt("the characters there may be shown in another order"),
    "P": Doubt("a part of the text there is hidden, struck out or covered", confirmable=True),
    "D": Doubt("the digits there are pieces of differing style", confirmable=True),
}
_OUT_OF_SIGHT, _FIELD, _WRITTEN, _GENERATED, _TURNED, _PARTED, _DIFFERING = DOUBTS
_TABLE_OUT_OF_SIGHT = "a table of the page stands out of sight; what is seen may be another, or a picture of one"
_TABLE_WRITTEN = "a script of the page writes into a table"

# Their text is not what they show, if they show anything.
_UNSHOWN = ["script", "style", "noscript", "noembed", "noframes", "datalist"]
_FIELDS = ("select", "button", "iframe", "object", "svg", "map", "video", "audio", "canvas", "progress", "meter", "embed", "template")  # fmt: skip
_SHOWING = ("img", "input", "textarea", *_FIELDS)
_SHOWS_NO_FIGURE = frozenset({"hidden", "checkbox", "radio", "file"})
_SPACER = 3
_NARROWEST = 5.0
_NO_LOOK = Look()
_OF_TABLES = frozenset({"tr", "tbody", "thead", "tfoot", "table"})
# Formulas whose parts stand above, below or in one another.
_DRAWN = frozenset({"mfrac", "msup", "msub", "msubsup", "msqrt", "mroot", "mover", "munder", "munderover", "mtable", "mphantom", "mmultiscripts"})  # fmt: skip
_INLINE = frozenset({"span", "font", "b", "i", "em", "strong", "u"})
# Without a class or a style of their own they change nothing about which digits are seen.
_NEUTRAL = frozenset([
    "span", "font", "b", "strong", "i", "em", "u", "a", "p", "div", "tt", "code", "center", "nobr", "small", "big",
    "ins", "mark", "label",
])  # fmt: skip
_GRAMMAR_MARKS = frozenset({"GramE", "SpellE", "MsoNormal"})
_TURNING = ("\u202d", "\u202e", "\u2066", "\u2067")
_STYLES = re.compile(r' style="([^"]*)"')
_TAG_NAMES = re.compile(r"<([a-z][^\s>]*)")
_DIGIT = re.compile(r"\d")
_TAGS = re.compile(r"<(/?)([^\s>]+)([^>]*)>")
_ATTRIBUTES = re.compile(r'([\w:-]+)="([^"]*)"')
_MARKS = re.compile(f"{MARK}(.)")
_NAMES = re.compile(r' (?:class|id)="([^"]*)"')
_WRITES = (
    r"(?:\.(?:innerHTML|innerText|textContent|outerHTML|nodeValue|hidden|className|style\.(?:display|visibility|opacity))\s*\+?=(?!=)"
    r"|(?:Child|childNodes\[\d+\])\.data\s*=(?!=)|\.(?:remove|hide|show|fadeIn|fadeOut|toggle)\(\)"
    r"|\.(?:text|html|append|prepend|before|after|replaceWith|replaceChildren|insertAdjacentHTML|insertAdjacentText|appendChild"
    r"|removeChild|replaceChild|setAttribute|classList\.add)\(\s*[^)\s])"
)
_WRITER = re.compile(_WRITES)
_OF_TAGS = re.compile(
    r"""(?:querySelector(?:All)?|getElementsByTagName|\$|jQuery)\(\s*["'`]([^"'`]*\bt[dhr]\b[^"'`]*)["'`]\s*\)"""
)
_WRITES_SOON = re.compile(r"[^;\n]{0,80}?" + _WRITES)
# Cells that a script holds by a name, and what it calls each of them.
_HELD = re.compile(r"(\w+)\s*=\s*[\w.]*$")
_EACH_OF = re.compile(r"(?:var|let|const)\s+(\w+)\s+of\s+(\w+)")
_EVENTS = re.compile(r' (on[a-z]+)="([^"]*)"')
_BINDINGS = ("v-text", "v-html", "ng-bind", "x-text", "data-bind")
_OF_CELLS = re.compile(r"\.(?:cells|rows)\s*\[[^\]\n]*\][^;\n]{0,40}?" + _WRITES)


class SeenPage(NamedTuple):
    """What is seen of a page: its markup, with marks in its cells, the tags in it, and what casts doubt on all of it."""

    source: str
    tags: set[str]
    doubts: list[str]


def seen_page(tree: LexborHTMLParser, *, hidden: bool) -> SeenPage:
    """What is seen of a page, which is changed; with `hidden` what it hides is left in."""
    sheets = sheets_of(tree)
    scripts = "\n".join([node.text() for node in tree.css("script")])
    if not hidden and "document.write" in scripts:
        for node in tree.css("td script, th script"):
            if "document.write" in node.text() and (cell := _cell_of(node)) is not None:
                cell.insert_child(MARK + _WRITTEN)
    tree.strip_tags(_UNSHOWN)
    source = _source(tree)
    tags = set(_TAG_NAMES.findall(source))
    doubts: list[str] = []
    fields = [tag for tag in _FIELDS if tag in tags]
    if not hidden:
        seen = _Seen(tree, source, tags, sheets)
        seen.take_out()
        seen.mark(scripts)
        doubts = sorted(seen.doubts)
        if seen.changed and not fields:
            source = _source(tree)
    if fields:
        tree.strip_tags(fields)
        source = _source(tree)
    for character in _TURNING:
        if character in source:
            source = source.replace(character, MARK + _TURNED)
    return SeenPage(source, tags, doubts)


def sheets_of(tree: LexborHTMLParser) -> list[str]:
    """The style sheets in a page that hold for a window on a desk."""
    return [node.text() for node in tree.css("style") if is_for_screens((node.attributes or {}).get("media") or "all")]


def _source(tree: LexborHTMLParser) -> str:
    root = tree.body or tree.root
    source = (root.html if root is not None else None) or ""
    before, *parts = source.split("<!--")
    return before + "".join([part.partition("-->")[2] for part in parts]) if parts else source


def doubt_of(markup: str, text: str) -> Doubt | None:
    """Why a cell may show something else than the text in its markup.

    >>> doubt_of('5<span class="note">0</span>', "50").why
    'the digits there are pieces of differing style'
    >>> doubt_of("<span>5</span><b>0</b>", "50")
    """
    marks = set(_MARKS.findall(markup)) if MARK in markup else set()
    if text not in markup and _differs(NOTE_MARK.sub("", markup)):
        marks.add(_DIFFERING)
    return next((doubt for key, doubt in DOUBTS.items() if key in marks), None)


def _differs(markup: str) -> bool:
    """Whether digits stand in pieces of differing style."""
    style: tuple[object, ...] = ()
    outer: list[tuple[str, tuple[object, ...]]] = []
    looks = set()
    pieces = 0
    place = 0
    for tag in _TAGS.finditer(markup):
        if tag.start() > place and _DIGIT.search(markup, place, tag.start()):
            looks.add(style)
            pieces += 1
        place = tag.end()
        closes, name, attributes = tag.groups()
        if closes:
            style = outer.pop()[1] if outer else ()
        elif name not in ("br", "img", "wbr", "hr", "input"):
            outer.append((name, style))
            own = _signs(name, attributes)
            style = (*style, own) if own else style
    if _DIGIT.search(markup, place):
        looks.add(style)
    return len(looks) > 1


@lru_cache(maxsize=4096)
def _signs(name: str, attributes: str) -> tuple[object, ...]:
    """By what an element may differ from the text around it; empty for one that changes nothing."""
    stated = {key: unescape(value) for key, value in _ATTRIBUTES.findall(attributes)} if attributes else {}
    classes = frozenset(stated.get("class", "").split()) - _GRAMMAR_MARKS
    signs = look_of(stated.get("style", "")).signs
    color = stated.get("color", "")
    pale = color and look_of(f"color:{color}").signs
    tag = "" if name in _NEUTRAL or ":" in name else name
    return (tag, classes, signs, pale) if tag or classes or signs or pale else ()


class _Seen:
    """Takes out what a page does not show, and marks the cells in which it shows something else."""

    def __init__(self, tree: LexborHTMLParser, source: str, tags: set[str], sheets: list[str]) -> None:
        self.tree = tree
        self.source = source
        self.tags = tags
        variables = "\n".join(sheets) + (source if "--" in source else "")
        self.rules = _rules([resolved(sheet, variables) for sheet in sheets], source) if sheets else []
        styles = {unescape(style) for style in _STYLES.findall(source)} if ' style="' in source else set()
        self.looks = {style: look_of(resolved(style, variables)) for style in styles}
        hides = any(rule.look.hides for rule in self.rules)
        wanted = {
            style
            for style, look in self.looks.items()
            if look.is_odd or look.is_coloured or (hides and (look.display or look.visibility))
        }
        self.styled = [node for node in tree.css("[style]") if node.attributes["style"] in wanted] if wanted else []
        self.doubts: set[str] = set()
        self.changed = False

    def take_out(self) -> None:
        """Take out what is not shown."""
        certain: dict[int, Any] = {}
        if " hidden" in self.source:
            certain |= _by_id(self.tree.css("[hidden]"))
        if "dialog" in self.tags:
            certain |= _by_id(self.tree.css("dialog:not([open])"))
        struck = ", ".join(self.tags & {"del", "s", "strike"})
        crossed_out = _by_id(self.tree.css(struck) if struck else ())
        for node in self.styled:
            look = self._look(node)
            if look.hides or (look.size == 0 and node.tag in _INLINE):
                certain[node.mem_id] = node
            elif look.struck:
                crossed_out[node.mem_id] = node
        by_sheets = self._hidden_by_sheets(certain)
        gone = by_sheets | crossed_out | certain
        if not gone:
            return
        # What stands in an element goes with it, and must not be touched again.
        outermost = [
            node for node in gone.values() if node.tag not in ("body", "html") and not _is_within(node.parent, gone)
        ]
        self.styled = [node for node in self.styled if not _is_within(node, gone)]
        for node in outermost:
            cell = None if node.mem_id in certain else _cell_of(node.parent)
            digits = _digits(node) if cell is not None else ""
            # A figure that is crossed out beside its successor is plain; one that is alone may still hold.
            if digits and (node.mem_id in by_sheets or digits == _digits(cell)):
                self._set(cell, _PARTED)
            node.decompose()
        self.changed = True

    def _look(self, node: Any) -> Look:
        style = (node.attributes or {}).get("style")
        return self.looks.get(style) or look_of(style) if style else _NO_LOOK

    def _hidden_by_sheets(self, certain: dict[int, Any]) -> dict[int, Any]:
        """What the strongest rule hides; a style of its own is stronger than any but one that insists."""
        rules = sorted((rule for rule in self.rules if not rule.pseudo), key=lambda rule: rule.strength)
        hidden: dict[int, Any] = {}
        for hiding, property_ in (("none", "display"), ("hidden", "visibility")):
            if not any(getattr(rule.look, property_) == hiding for rule in rules):
                continue
            stated: list[tuple[bool, list[Any], str]] = [
                (rule.look.important, self._css(rule.selector), getattr(rule.look, property_))
                for rule in rules
                if getattr(rule.look, property_)
            ]
            inline = [(self._look(node), node) for node in self.styled if node.mem_id not in certain]
            stated += [
                (look.important, [node], getattr(look, property_)) for look, node in inline if getattr(look, property_)
            ]
            by_this: dict[int, Any] = {}
            for _, nodes, value in sorted(stated, key=lambda each: each[0]):
                for node in nodes:
                    by_this.pop(node.mem_id, None)
                    if value == hiding:
                        by_this[node.mem_id] = node
            hidden |= by_this
        for rule in rules:
            if rule.look.struck:
                hidden |= _by_id(self._css(rule.selector))
        return hidden

    def mark(self, scripts: str) -> None:
        """Mark the cells that show something else than the text in them."""
        coloured = [node for node in self.styled if self._look(node).is_coloured]
        for node in self.styled:
            self._mark_look(node, self._look(node))
        for rule in self.rules:
            if rule.pseudo in ("before", "after"):
                if _writes(rule.look):
                    self._mark_cells(self._css(rule.selector), _GENERATED)
            elif rule.look.is_odd or rule.look.is_coloured:
                matched = self._css(rule.selector)
                coloured += matched if rule.look.is_coloured else ()
                for node in matched if rule.look.is_odd else ():
                    self._mark_look(node, rule.look)
        if "font" in self.tags:
            coloured += [node for node in self.tree.css("font[color]") if _attributes_look(node).is_coloured]
        if ' bgcolor="' in self.source:
            coloured += [node for node in self.tree.css("[bgcolor]") if _attributes_look(node).is_coloured]
        if coloured:
            self._mark_faint()
        if "bdo" in self.tags or ' dir="' in self.source:
            self._mark_cells(self.tree.css("bdo, td[dir=rtl], th[dir=rtl], td [dir=rtl], th [dir=rtl]"), _TURNED)
        if "ol" in self.tags:
            # A list prints its number before the figure.
            self._mark_cells([node for node in self.tree.css("ol > li") if _digits(node)], _GENERATED)
        drawn = self.tags & _DRAWN
        if drawn:
            self._mark_cells([node for node in self.tree.css(", ".join(drawn)) if _digits(node)], _TURNED)
        self._mark_fields()
        self._mark_written(scripts)

    def _mark_look(self, node: Any, look: Look) -> None:
        cell = _cell_of(node)
        sizeless = look.size == 0 and not self._is_restated(node)
        if cell is None:
            if (look.out_of_sight or sizeless) and node.css_first("table") is not None:
                self.doubts.add(_TABLE_OUT_OF_SIGHT)
            elif (look.out_of_sight or sizeless or look.turned) and node.tag in _OF_TABLES:
                self._mark_cells(node.css("td, th"), _TURNED if look.turned else _OUT_OF_SIGHT)
            return
        digits = _digits(node)
        covers = not digits and look.ground and (look.moved or look.turned) and _digits(cell)
        is_cut = node.tag not in ("td", "th") and look.room < _NARROWEST * len(digits)
        if covers or (digits and (look.out_of_sight or sizeless or is_cut)):
            self._set(cell, _OUT_OF_SIGHT)
        elif digits and (look.turned or (look.moved and digits != _digits(cell))):
            self._set(cell, _TURNED)

    def _is_restated(self, node: Any) -> bool:
        """Whether something in an element may have a size of type of its own."""
        if node.css_first("[style*=font], font[size]") not in (None, node):
            return True
        # Boxes around all of a page are made so that no gap stands between them; the sheet that sets their type may be elsewhere.
        if _cell_of(node) is None and node.tag not in _OF_TABLES:
            return node.css_first("[class]") not in (None, node)
        return any(
            element.mem_id != node.mem_id and _is_within(element, {node.mem_id: node})
            for rule in self.rules
            if rule.look.size > 0
            for element in self._css(rule.selector)
        )

    def _mark_faint(self) -> None:
        """Mark the cells with digits in the colour of their ground."""
        looks: dict[int, list[Look]] = {}
        elements: dict[int, Any] = {}
        for rule in sorted(self.rules, key=lambda rule: rule.strength, reverse=True):
            if not rule.pseudo and (rule.look.colour or rule.look.ground):
                for node in self._css(rule.selector):
                    looks.setdefault(node.mem_id, []).append(rule.look)
                    elements[node.mem_id] = node
        for node in self.tree.css("[style], [bgcolor], font[color]"):
            stated = [self._look(node), *looks.get(node.mem_id, ()), _attributes_look(node)]
            looks[node.mem_id] = stated
            if any(look.colour or look.ground for look in stated):
                elements[node.mem_id] = node
        for node in elements.values():
            if _cell_of(node) is None and node.tag not in _OF_TABLES:
                continue
            around = [look for above in (node, *_above(node)) for look in looks.get(above.mem_id, ())]
            if is_faint(around):
                own = "".join(
                    part.text_content or "" for part in node.traverse(include_text=True)
                    if part.tag == "-text" and _nearest(part.parent, elements) == node.mem_id
                )  # fmt: skip
                if _DIGIT.search(own):
                    self._mark_cells(
                        [part for part in node.css("td, th") if _DIGIT.search(part.text())]
                        if node.tag in _OF_TABLES
                        else [node],
                        _OUT_OF_SIGHT,
                    )

    def _mark_fields(self) -> None:
        showing = self.tags.intersection(_SHOWING)
        for node in self.tree.css(", ".join(showing)) if showing else ():
            cell = _cell_of(node)
            if cell is None or _shows_no_figure(node):
                continue
            self._set(cell, _PARTED if node.tag == "img" and _digits(cell) else _FIELD)
        custom = [tag for tag in self.tags if re.fullmatch(r"[a-z]+-[a-z0-9-]*", tag)]
        for node in self.tree.css(", ".join(custom)) if custom else ():
            cell = _cell_of(node)
            if cell is not None and not node.text().strip():
                self._set(cell, _FIELD)

    def _mark_written(self, scripts: str) -> None:
        """Mark the cells that scripts write, hide or show something in: named by an id, a class or a tag, or around the script."""
        if "td" not in self.tags and "th" not in self.tags:
            return
        for attribute in _BINDINGS:
            if attribute in self.source:
                self._mark_cells(self._css(f"td[{attribute}], td [{attribute}]"), _WRITTEN)
        for event in _EVENTS.finditer(self.source):
            if _WRITER.search(unescape(event[2])):
                self._mark_cells(self._css(f"td [{event[1]}]"), _WRITTEN)
        if not _WRITER.search(scripts):
            return
        for attribute, sign in (("id", "#"), ("class", ".")):
            for node in self.tree.css(f"td[{attribute}], th[{attribute}], td [{attribute}], th [{attribute}]"):
                names = (node.attributes[attribute] or "").split()
                if any(_is_named(name, sign, scripts) for name in names):
                    self._mark_cells([node], _WRITTEN)
        lists: set[str] = set()
        for call in _OF_TAGS.finditer(scripts):
            held = _HELD.search(scripts, max(call.start() - 80, 0), call.start())
            if _WRITES_SOON.match(scripts, call.end()):
                self._mark_cells(self._css(call[1]), _WRITTEN)
            elif held is not None:
                lists.add(held[1])
        lists |= {each for each, of in _EACH_OF.findall(scripts) if of in lists} if lists else set()
        held_cells = [re.compile(rf"\b{re.escape(name)}\b") for name in lists]
        if _OF_CELLS.search(scripts) or any(
            _WRITES_SOON.match(scripts, use.end()) for name in held_cells for use in name.finditer(scripts)
        ):
            self.doubts.add(_TABLE_WRITTEN)

    def _mark_cells(self, nodes: Iterable[Any], mark: str) -> None:
        for node in nodes:
            for cell in node.css("td, th") if node.tag in _OF_TABLES else [_cell_of(node)]:
                if cell is not None:
                    self._set(cell, mark)

    def _set(self, cell: Any, mark: str) -> None:
        # The cells of a layout table hold the whole page.
        if cell.css_first("table") is None:
            cell.insert_child(MARK + mark)
            self.changed = True

    def _css(self, selector: str) -> list[Any]:
        try:
            return list(self.tree.css(selector))
        except SelectolaxError:
            return []


def _rules(sheets: list[str], source: str) -> list[Rule]:
    """The rules for elements that the page has; those that take nothing away, for elements that its tables have."""
    tables = "".join([part.partition("</table>")[0] for part in source.split("<table")[1:]])
    names, names_in_tables = (set(" ".join(_NAMES.findall(markup)).split()) for markup in (source, tables))
    return [
        rule
        for sheet in sheets
        for rule in rules_of(sheet, names)
        if f"<{rule.tag}" in source
        and (
            rule.look.display
            or rule.look.visibility
            or rule.look.out_of_sight
            or rule.look.ground
            or (rule.names <= names_in_tables and f"<{rule.tag}" in tables)
        )
    ]


def _by_id(nodes: Iterable[Any]) -> dict[int, Any]:
    return {node.mem_id: node for node in nodes}


def _above(node: Any) -> Iterator[Any]:
    above = node.parent
    while above is not None:
        yield above
        above = above.parent


def _cell_of(node: Any) -> Any:
    """The cell in which an element stands, or which it is; None outside of tables."""
    while node is not None and node.tag not in ("td", "th"):
        if node.tag in ("tr", "table", "body"):
            return None
        node = node.parent
    return node


def _is_within(node: Any, elements: dict[int, Any]) -> bool:
    while node is not None:
        if node.mem_id in elements:
            return True
        node = node.parent
    return False


def _writes(look: Look) -> bool:
    """Whether a pseudo-element shows something; sites close their rows with empty ones, with dots and with icons."""
    if look.display == "none" or look.visibility == "hidden" or look.written in ("none", "normal", "inherit"):
        return False
    text = re.sub(r"\\([0-9a-f]{1,6}) ?", lambda code: chr(min(int(code[1], 16), 0xE000)), look.written)
    return "(" in text or any(not c.isspace() and c not in "\"'." and c != "\ue000" for c in text)


def _digits(node: Any) -> str:
    return "".join(_DIGIT.findall(node.text()))


def _attributes_look(node: Any) -> Look:
    """Colour and ground by the attributes of old."""
    attributes = node.attributes
    colour, ground = (attributes.get("color") if node.tag == "font" else "", attributes.get("bgcolor"))
    return look_of(f"color:{colour or ''};background-color:{ground or ''}") if colour or ground else _NO_LOOK


def _nearest(node: Any, elements: dict[int, Any]) -> int | None:
    """The innermost of some elements around a node."""
    while node is not None and node.mem_id not in elements:
        node = node.parent
    return None if node is None else int(node.mem_id)


def _shows_no_figure(node: Any) -> bool:
    attributes = node.attributes
    if node.tag == "template":
        return "shadowrootmode" not in attributes
    sizes = [attributes.get(side) or "" for side in ("width", "height")]
    is_spacer = any(size.isdigit() and int(size) <= _SPACER for size in sizes)
    return is_spacer or (node.tag == "input" and (attributes.get("type") or "").lower() in _SHOWS_NO_FIGURE)


def _is_named(name: str, sign: str, scripts: str) -> bool:
    """Whether a script that writes names an element: as a string or a key, or by a stem and a number."""
    quoted = re.escape(name)
    pattern = rf"""["'`]{sign}{quoted}(?![\w-])"""
    if sign == "#":
        stem = re.escape(name.rstrip("0123456789"))
        pattern += rf"""|["'`]{quoted}["'`]|(?<![\w.-]){quoted}\s*:"""
        if stem and stem != quoted:
            pattern += rf"""|["'`]#?{stem}["'`]\s*\+|`#?{stem}\$\{{"""
    else:
        pattern += rf"""|ClassName\(\s*["'`]{quoted}["'`]"""
    return re.search(pattern, scripts) is not None
