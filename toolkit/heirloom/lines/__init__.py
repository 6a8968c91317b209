"""The lines of magics: their words, fields and options. No IPython: a line may stand in a file."""
