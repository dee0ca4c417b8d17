"""The steps from a changed document to a tested model, as plain functions over ports.

Every event may come twice, late or out of order. A passing fault is raised, so that the event
comes again; a lasting one is written on the document.
"""

from __future__ import annotations

from shared.handlers.publish_change import failure, publish_change
from shared.handlers.reconcile import reconcile
from shared.handlers.steps import ROUTES, STEPS, Handler, Step
from shared.services import Patience

__all__ = [
    "ROUTES",
    "STEPS",
    "Handler",
    "Patience",
    "Step",
    "failure",
    "publish_change",
    "reconcile",
]
