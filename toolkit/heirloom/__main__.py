"""``python -m heirloom``: the command line."""

from heirloom.cli import main

raise SystemExit(main())
