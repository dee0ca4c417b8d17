"""What the steps and the API call: how documents are read, judged and changed, and what becomes of
tests, sweeps and tunings."""

from __future__ import annotations

from shared.services.cancel_quick_test import cancel_quick_test
from shared.services.lifecycle import archive, unarchive
from shared.services.silence import Patience
from shared.services.stale import profile_again
from shared.services.stop_tuning import cancel_tuning, stop_tuning
from shared.services.sweeps import cancel_sweep

__all__ = [
    "Patience",
    "archive",
    "cancel_quick_test",
    "cancel_sweep",
    "cancel_tuning",
    "profile_again",
    "stop_tuning",
    "unarchive",
]
