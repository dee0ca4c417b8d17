"""What a server says of the version that answered, for the shop to log: it is not kept here."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from shared.online.assignment import AssignedBy


class Exposure(BaseModel):
    """One answer of an experiment, to be logged where a customer is shown it.

    Attributes:
        experiment_id: of the experiment.
        version: that answered.
        assigned_by: `customer`: the customer's bucket; `no_customer_id`: the control, because the
            request names no customer; `version_not_loaded`: the control, in the place of the
            customer's version. Only the first counts in results.
        customer_id: as the request has it.
        time: of the answer, UTC.
    """

    experiment_id: str
    version: int
    assigned_by: AssignedBy
    customer_id: str | None
    time: datetime
