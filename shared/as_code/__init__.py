"""Documents as files: YAML or JSON with names in place of ids, read, checked, compared with what a
system holds, and written. Only `applying` looks into a system."""
