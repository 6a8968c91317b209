"""How code becomes text and text code: the workshop behind `heirloom.declare.closure`."""
