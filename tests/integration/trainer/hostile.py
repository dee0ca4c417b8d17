"""A job whose every name is made to break out of a literal, and whose ids are no better."""
