"""Frozen data and the grammar; nothing here reads or writes anything."""
