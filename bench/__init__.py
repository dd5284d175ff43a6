"""What it costs, measured against the raw engines in the same run."""
