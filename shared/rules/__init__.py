"""Rules across fields and documents: what makes a config valid, and what a good one looks like."""
