"""`recsmith` as a program whose Firestore refuses what Google's does."""

from __future__ import annotations

from local.cli import app
from tests.integration.strict_firestore import strict_firestore

if __name__ == "__main__":
    with strict_firestore():
        app()
