"""An experiment of a registered model begins, is told to servers, and ends."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from registered import MODEL, Registered

from shared import editing
from shared.documents.base import Collection
from shared.documents.online_experiment import Experiment
from shared.editing import InUseError, LockedError
from shared.jobs import MODEL_FILE
from shared.problems import InvalidError
from shared.services.pointers import write_pointer

HALVES = ((1, 50), (2, 50))


@pytest.fixture(scope="module")
def opened() -> Registered:
    """Versions 1 to 3, the first in production; each test gets a copy."""
    shop = Registered()
    shop.versions(0.2, 0.3, 0.4)
    shop.promote(MODEL, 1)
    return shop


@pytest.fixture
def shop(opened: Registered) -> Registered:
    return deepcopy(opened)


def shares(*versions: tuple[Any, Any]) -> list[dict[str, Any]]:
    return [{"version": version, "share_percent": share} for version, share in versions]


def begin(shop: Registered, *versions: tuple[Any, Any], **more: Any) -> None:
    editing.begin_experiment(shop.ports, MODEL, shares(*versions), **more)
    shop.settle()


def end(shop: Registered, **more: Any) -> None:
    editing.end_experiment(shop.ports, MODEL, **more)
    shop.settle()


def running(shop: Registered) -> Experiment:
    found = shop.registered_model(MODEL).status.experiment
    assert found is not None
    return found


def problems(shop: Registered, *versions: tuple[Any, Any]) -> dict[str, str]:
    before = shop.documents.data(f"registered_models/{MODEL}")
    with pytest.raises(InvalidError) as found:
        begin(shop, *versions)
    assert shop.documents.data(f"registered_models/{MODEL}") == before
    return {one.path.removeprefix("spec.experiment."): one.code for one in found.value.problems}


def test_an_experiment_runs_and_servers_are_told_until_somebody_ends_it(shop: Registered) -> None:
    begin(shop, (1, 90), (2, 10), changed_by="ann@shop.example")
    one = running(shop)
    assert (one.began_by, one.salt, one.ended_at) == ("ann@shop.example", one.id, None)
    told = shop.pointer().experiment
    assert told is not None
    assert (told.id, told.salt) == (one.id, one.id)
    assert [(each.version, each.share_percent) for each in told.versions] == [(1, 90), (2, 10)]
    assert [each.artifacts_uri for each in told.versions] == [
        shop.test(each.quick_test_id).artifacts_uri for each in told.versions
    ]
    end(shop, changed_by="bob@shop.example")
    assert shop.pointer().experiment is None
    status = shop.registered_model(MODEL).status
    assert status.experiment is None
    (ended,) = status.ended_experiments
    assert (ended.id, ended.ended_because, ended.ended_by) == (one.id, "asked", "bob@shop.example")
    assert shop.in_use() == (1, None)


def test_another_one_keeps_customers_where_they_were_by_the_salt(shop: Registered) -> None:
    begin(shop, (1, 90), (2, 10))
    first = running(shop)
    end(shop)
    begin(shop, (1, 50), (2, 50), salt=first.salt)
    assert running(shop).salt == first.salt
    assert running(shop).id != first.id


@pytest.mark.parametrize(
    ("versions", "found"),
    [
        (((1, 50), (4, 50)), {"versions[1].version": "unknown_version"}),
        (((1, 50), (1, 50)), {"versions[1].version": "same_version"}),
        (((2, 50), (1, 50)), {"versions[0].version": "control_not_served"}),
        (((1, 50), (2, 40)), {"versions": "shares_do_not_sum"}),
        (
            ((1, 50.001), (2, 49.999)),
            {
                "versions[0].share_percent": "share_too_fine",
                "versions[1].share_percent": "share_too_fine",
            },
        ),
        (((1, 50),), {"versions": "too_short"}),
        (
            ((1, 100), (2, 0)),
            {
                "versions[0].share_percent": "less_than",
                "versions[1].share_percent": "greater_than",
            },
        ),
        (((1, "half"), (2, 50)), {"versions[0].share_percent": "float_parsing"}),
        (((1, 20),) * 5, {"versions": "too_long"}),
    ],
)
def test_what_cannot_run_is_refused_and_changes_nothing(
    shop: Registered, versions: tuple[Any, ...], found: dict[str, str]
) -> None:
    assert problems(shop, *versions) == found


def test_a_version_whose_model_is_gone_cannot_take_part(shop: Registered) -> None:
    test_id = shop.registered_versions()[2]
    del shop.artifacts.files[f"{shop.test(test_id).artifacts_uri}/{MODEL_FILE}"]
    assert problems(shop, *HALVES) == {"versions[1].version": "model_deleted"}


def test_without_a_version_in_production_there_is_no_control() -> None:
    shop = Registered()
    shop.versions(0.2, 0.3)
    assert problems(shop, *HALVES) == {"versions[0].version": "no_production"}


def test_only_one_runs_and_there_is_none_to_end_after_it(shop: Registered) -> None:
    begin(shop, *HALVES)
    with pytest.raises(LockedError, match="runs already"):
        begin(shop, (1, 90), (2, 10))
    end(shop)
    with pytest.raises(InvalidError, match="No experiment"):
        end(shop)


@pytest.mark.parametrize("how", ["promoted", "rolled back"])
def test_it_ends_where_its_control_leaves_production(shop: Registered, how: str) -> None:
    if how == "promoted":
        begin(shop, *HALVES)
        shop.promote(MODEL, 2)
    else:
        shop.promote(MODEL, 2)
        begin(shop, (2, 50), (3, 50))
        editing.roll_back(shop.ports, MODEL)
        shop.settle()
    model = shop.registered_model(MODEL)
    assert model.spec.experiment is None
    assert model.status.experiment is None
    assert model.status.ended_experiments[0].ended_because == "promotion"
    assert shop.pointer().experiment is None


def test_promoting_what_is_in_production_already_ends_nothing(shop: Registered) -> None:
    begin(shop, *HALVES)
    before = running(shop)
    shop.promote(MODEL, 1)
    assert running(shop) == before


def test_a_promotion_written_by_a_script_that_leaves_the_wish_ends_it_too(
    shop: Registered,
) -> None:
    begin(shop, *HALVES)
    data = shop.documents.data(f"registered_models/{MODEL}")
    data["spec"]["production"] = {"version": 2}
    shop.documents.write(f"registered_models/{MODEL}", data)
    shop.settle()
    model = shop.registered_model(MODEL)
    assert shop.in_use() == (2, 1)
    assert model.status.experiment is None
    assert model.status.validation.state == "valid"
    assert shop.pointer().experiment is None


def test_a_wish_written_by_a_script_is_judged_and_followed(shop: Registered) -> None:
    data = shop.documents.data(f"registered_models/{MODEL}")
    data["spec"]["experiment"] = {"versions": shares((1, 50), (9, 50))}
    shop.documents.write(f"registered_models/{MODEL}", data)
    shop.settle()
    status = shop.registered_model(MODEL).status
    assert [one.code for one in status.validation.problems] == ["unknown_version"]
    assert status.experiment is None
    data = shop.documents.data(f"registered_models/{MODEL}")
    data["spec"]["experiment"] = {"versions": shares((1, 50), (3, 50))}
    shop.documents.write(f"registered_models/{MODEL}", data)
    shop.settle()
    assert [one.version for one in running(shop).versions] == [1, 3]


def test_one_written_in_place_of_another_replaces_it(shop: Registered) -> None:
    begin(shop, *HALVES)
    data = shop.documents.data(f"registered_models/{MODEL}")
    data["spec"]["experiment"] = {"versions": shares((1, 50), (3, 50))}
    shop.documents.write(f"registered_models/{MODEL}", data)
    shop.settle()
    assert [one.version for one in running(shop).versions] == [1, 3]
    (ended,) = shop.registered_model(MODEL).status.ended_experiments
    assert ended.ended_because == "replaced"


def test_a_version_that_takes_part_cannot_be_deleted_until_it_has_ended(shop: Registered) -> None:
    begin(shop, *HALVES)
    test_id = shop.registered_versions()[2]
    assert not editing.usage(shop.ports, Collection.QUICK_TESTS, test_id).deletable
    with pytest.raises(InUseError, match="experiment"):
        editing.delete(shop.ports, Collection.QUICK_TESTS, test_id)
    end(shop)
    editing.delete(shop.ports, Collection.QUICK_TESTS, test_id)


def test_a_status_that_was_lost_takes_the_experiment_from_the_pointer(shop: Registered) -> None:
    begin(shop, *HALVES)
    before = running(shop)
    data = shop.documents.data(f"registered_models/{MODEL}")
    del data["status"]
    shop.documents.write(f"registered_models/{MODEL}", data)
    shop.settle()
    shop.promote(MODEL, 1)
    assert running(shop).model_copy(update={"began_by": None}) == before
    assert shop.pointer().experiment is not None


def test_half_of_an_experiment_in_a_status_is_told_to_nobody(shop: Registered) -> None:
    begin(shop, *HALVES)
    one = running(shop).model_dump(mode="json")
    one["versions"][1]["share_percent"] = 20
    shop.write_status(experiment=one)
    write_pointer(MODEL, shop.ports)
    assert shop.pointer().experiment is None
