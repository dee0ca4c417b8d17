"""Recsmith broken on purpose: `make torture`. The small form runs in `make test`."""
