"""What new versions start: the table of states, the decision, and whose code may run."""
