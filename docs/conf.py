"""Settings of the documentation site; `make docs` builds it into docs/_build/html."""

from __future__ import annotations

import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path[:0] = [str(DOCS), str(DOCS.parent)]

from _pages import setup  # noqa: E402, F401
from _pages.reference import FILENAMES  # noqa: E402

import giakit  # noqa: E402

project = "giakit"
author = "The giakit authors"
project_copyright = "The giakit authors; code under the MIT licence"
version = release = giakit.__version__
language = "en"

extensions = ["sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc", "myst_nb", "sphinx_copybutton"]
exclude_patterns = ["_build", "_generated", "_pages", "Thumbs.db", ".DS_Store"]
templates_path = ["_templates"]
default_role = "code"
show_warning_types = True

# _pages.gallery has run them: once for each state of package and notebook.
nb_execution_mode = "off"
nb_merge_streams = True
# Tables of regressions are Markdown with pipes.
nb_render_markdown_format = "gfm"

myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3

autosummary_generate = True
autosummary_filename_map = FILENAMES
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

# The prompts of examples are not copied, nor what they print.
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
copybutton_only_copy_prompt_lines = True

html_theme = "pydata_sphinx_theme"
html_title = "giakit"
html_static_path = ["_static"]
html_css_files = ["giakit.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "logo": {"text": "giakit"},
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "header_links_before_dropdown": 7,
    "show_prev_next": True,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "navbar_end": ["theme-switcher"],
    "pygments_light_style": "tango",
    "pygments_dark_style": "monokai",
}
html_sidebars = {"index": [], "start": [], "codebook": [], "performance": []}
