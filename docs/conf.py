"""How the pages become a site: ``make docs``. Nothing that it shows comes from a network."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

project = "Heirloom"
author = "the Heirloom authors"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "from_code"]
exclude_patterns = ["_build"]

myst_heading_anchors = 4
suppress_warnings = ["misc.highlighting_failure"]  # a magic's line is no Python to Pygments

smartquotes = False  # --link is no dash
default_role = "py:obj"
autodoc_default_options = {"exclude-members": "from_doc, to_doc"}
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 110

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_title = "Heirloom"
html_show_sphinx = False
html_copy_source = False
html_show_copyright = False
