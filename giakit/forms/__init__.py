"""The statutory forms as data: tables, labels, identities; the law behind them, and what may be compared."""

from giakit.forms.abroad import abroad
from giakit.forms.breaks import breaks
from giakit.forms.codebook import codebook, codebook_text
from giakit.forms.crosswalk import crosswalk, items, verdict
from giakit.forms.law import ground_kind, law, remedy_route
from giakit.forms.load import form, forms, tables
from giakit.forms.model import Address, Form, Identity, Label, Table

__all__ = [
    "Address",
    "Form",
    "Identity",
    "Label",
    "Table",
    "abroad",
    "breaks",
    "codebook",
    "codebook_text",
    "crosswalk",
    "form",
    "forms",
    "ground_kind",
    "items",
    "law",
    "remedy_route",
    "tables",
    "verdict",
]
