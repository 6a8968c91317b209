"""What users write: artifacts, queries, tasks, workflows, launch plans. Nothing here does IO."""
