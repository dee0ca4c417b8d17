"""A source of files as one table: which files, how they are laid out, what columns they share."""
