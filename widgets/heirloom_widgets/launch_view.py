"""The launch form on the page."""

from __future__ import annotations

from typing import Any

import traitlets

from heirloom_widgets.assets import script, style
from heirloom_widgets.view import View

__all__ = ["CLOSED", "LaunchView"]

CLOSED: dict[str, Any] = {"name": "", "rows": [], "busy": False, "more": False, "trouble": ""}
"""What `LaunchView.offers` is while no input's versions are listed."""


class LaunchView(View):
    """One control for each input, a button, and the steps of what runs; see ``launch.js``.

    `given` is what the page writes: by input, ``{"text": …}``, or the row of a version. What an
    input that is not in it gets is the form's matter.
    """

    _esm = script("steps.js", "launch_controls.js", "launch.js")
    _css = style("panel.css", "runs.css", "launch.css")
    target = traitlets.Unicode("").tag(sync=True)
    targets: traitlets.List[str] = traitlets.List([]).tag(sync=True)
    chooses = traitlets.Bool(False).tag(sync=True)
    title = traitlets.Unicode("").tag(sync=True)
    fields: traitlets.List[dict[str, Any]] = traitlets.List([]).tag(sync=True)
    given: traitlets.Dict[str, dict[str, Any]] = traitlets.Dict({}).tag(sync=True)
    faults: traitlets.Dict[str, str] = traitlets.Dict({}).tag(sync=True)
    offers: traitlets.Dict[str, Any] = traitlets.Dict(CLOSED).tag(sync=True)
    busy = traitlets.Unicode("").tag(sync=True)
    said = traitlets.Unicode("").tag(sync=True)
    failed = traitlets.Bool(False).tag(sync=True)
    steps: traitlets.List[dict[str, Any]] = traitlets.List([]).tag(sync=True)
    selected = traitlets.Unicode("").tag(sync=True)
    made: traitlets.List[list[str]] = traitlets.List([]).tag(sync=True)
