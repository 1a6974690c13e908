"""Word's XML: names in both namespaces, revisions accepted, wrappers opened, styles resolved."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

_PREFIXES = {
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main": "",
    "http://purl.oclc.org/ooxml/wordprocessingml/main": "",
    "http://schemas.microsoft.com/office/word/2003/wordml": "",
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
    "urn:schemas-microsoft-com:vml": "v:",
    "urn:schemas-microsoft-com:office:office": "o:",
}
_WORD = tuple(f"{{{namespace}}}" for namespace, prefix in _PREFIXES.items() if prefix == "")
# Word 2003 wrote these two in small letters.
_OLD_NAMES = {"vMerge": "vmerge", "hMerge": "hmerge"}
_NEW_NAMES = {old: new for new, old in _OLD_NAMES.items()}
_WORD_2003 = "{http://schemas.microsoft.com/office/word/2003/wordml}"
_WRAPPERS = frozenset(
    (
        "customXml",
        "smartTag",
        "ins",
        "moveTo",
        "hyperlink",
        "fldSimple",
        "bdo",
        "dir",
        "rubyBase",
        "sdtContent",
        "hlink",
        "aml:content",
        "wx:sect",
        "wx:sub-section",
        "wx:pBdrGroup",
    )
)
# Most elements by far; asking for them first saves all other questions.
_PLAIN = frozenset(("p", "r", "t", "tr", "tc", "pPr", "rPr", "tcPr", "trPr", "tblPr", "tblGrid"))
_OFF = frozenset(("0", "false", "off", "none"))


@lru_cache(maxsize=4096)
def _name(tag: str) -> str:
    namespace, _, local = tag[1:].partition("}")
    prefix = _PREFIXES.get(namespace)
    return "" if prefix is None else prefix + local


def name_of(element: etree._Element) -> str:
    """Name of an element: bare for Word's own, ``mc:``, ``a:``, ``v:``… for its neighbours, else ""."""
    # Comments and processing instructions, whose tag is no string, are left out by `parse_xml`.
    return _name(str(element.tag))


@lru_cache(maxsize=4096)
def _tag_of_child(parent: str, name: str) -> str:
    """Tag of a child in the namespace of its parent."""
    namespace = parent[: parent.find("}") + 1]
    return namespace + (_OLD_NAMES.get(name, name) if namespace == _WORD_2003 else name)


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
    """First descendant along a path of Word's own names, or None."""
    for step in path:
        if element is None:
            return None
        element = element.find(_tag_of_child(str(element.tag), step))
    return element


def properties_of(element: etree._Element, name: str) -> dict[str, etree._Element]:
    """The properties that an element states in its child of that name, by their names; of equal ones the first.

    One walk is several times faster than a search for each.
    """
    stated: dict[str, etree._Element] = {}
    for each in element:
        if name_of(each) == name:
            for stating in each:
                stated.setdefault(_NEW_NAMES.get(named := name_of(stating), named), stating)
            break
    return stated


def whole_number(element: etree._Element | None, default: int) -> int:
    """The ``val`` of an element as a number; `default` if it is absent or no number."""
    value = attribute(element)
    if value is None or not re.fullmatch(r"[+-]?[0-9]{1,9}", value.strip()):
        return default
    return int(value)


def contents(element: etree._Element, passed_over: Counter[str]) -> Iterator[etree._Element]:
    """Children of an element once revisions are accepted and wrappers are opened.

    Parameters
    ----------
    element : lxml.etree._Element
        A body, paragraph, table, row or cell.
    passed_over : Counter
        Counts what is left out: ``deleted``, ``placeholder``.

    Yields
    ------
    lxml.etree._Element
        In reading order. Insertions, links, content controls and smart tags are replaced by what they hold;
        of alternatives that say the same in two ways only the first is taken.
    """
    for each in element:
        name = name_of(each)
        if name in _PLAIN:
            yield each
        elif name in _WRAPPERS:
            yield from contents(each, passed_over)
        elif name == "mc:AlternateContent":
            yield from _first_alternative(each, passed_over)
        elif name == "sdt":
            yield from _content_control(each, passed_over)
        elif name in ("del", "moveFrom") or (name == "aml:annotation" and _is_deletion(each)):
            passed_over["deleted"] += 1
        elif name == "aml:annotation":
            yield from contents(each, passed_over)
        elif name == "ruby":
            base = child(each, "rubyBase")
            if base is not None:
                yield from contents(base, passed_over)
        else:
            yield each


def _is_deletion(annotation: etree._Element) -> bool:
    return (attribute(annotation, "type") or "").endswith(("Deletion", "Comment"))


def _content_control(element: etree._Element, passed_over: Counter[str]) -> Iterator[etree._Element]:
    content = child(element, "sdtContent")
    if content is None:
        return
    prompt = is_on(child(element, "sdtPr", "showingPlcHdr"))
    # "Click here to enter text" is no content; but where it fills cells, the cells must stay.
    if prompt and not any(name_of(each) in ("tr", "tc") for each in content):
        passed_over["placeholder"] += 1
        return
    yield from contents(content, passed_over)


def _first_alternative(element: etree._Element, passed_over: Counter[str]) -> Iterator[etree._Element]:
    options = [each for each in element if name_of(each) in ("mc:Choice", "mc:Fallback")]
    options.sort(key=lambda option: name_of(option) == "mc:Fallback")
    if options:
        yield from contents(options[0], passed_over)


def is_on(toggle: etree._Element | None) -> bool:
    """Whether a switch such as ``<w:vanish/>`` is there and not turned off."""
    return toggle is not None and is_true(attribute(toggle) or "1")


def is_true(value: str | None) -> bool:
    """Whether the value of an attribute means yes."""
    return value is not None and value.lower() not in _OFF


@dataclass(frozen=True, slots=True)
class Look:
    """How a run looks, as far as it decides on what is read; None: not said."""

    hidden: bool | None = None
    struck: bool | None = None
    raised: bool | None = None

    def over(self, below: Look) -> Look:
        """This look where it says something, else the one below."""
        return Look(
            below.hidden if self.hidden is None else self.hidden,
            below.struck if self.struck is None else self.struck,
            below.raised if self.raised is None else self.raised,
        )


PLAIN = Look()


def look_of(properties: etree._Element | None) -> Look:
    """What a ``<w:rPr>`` says by itself."""
    if properties is None or len(properties) == 0:
        return PLAIN
    hidden = struck = raised = None
    for each in properties:
        name = name_of(each)
        if name == "vanish":
            hidden = is_on(each)
        elif name in ("strike", "dstrike"):
            struck = bool(struck) or is_on(each)
        elif name == "vertAlign":
            raised = attribute(each) == "superscript"
    return Look(hidden, struck, raised)


def read_styles(root: etree._Element | None) -> dict[str, Look]:
    """Looks of all styles of a ``styles.xml``, what they are based on included."""
    if root is None:
        return {}
    own: dict[str, Look] = {}
    based: dict[str, str] = {}
    for style in root:
        key = attribute(style, "styleId")
        if name_of(style) == "style" and key:
            own[key] = look_of(child(style, "rPr"))
            based[key] = attribute(child(style, "basedOn")) or ""
    looks: dict[str, Look] = {}
    for key, look in own.items():
        seen, parent = {key}, based[key]
        while parent in own and parent not in seen:
            look = look.over(own[parent])
            seen.add(parent)
            parent = based[parent]
        looks[key] = look
    return looks
