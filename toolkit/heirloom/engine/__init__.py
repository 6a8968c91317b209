"""What runs: tasks, workflows and notebooks, by hand and by trigger, each step recorded."""
