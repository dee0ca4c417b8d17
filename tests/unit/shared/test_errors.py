import pytest

from shared.errors import AlreadyExistsError, NotFoundError


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (NotFoundError("artifact", "file:///home/me/code/ab12.py"), "artifact 'ab12.py'"),
        (NotFoundError("artifact", "gs://bucket/jobs/x/metrics.json"), "artifact 'metrics.json'"),
        (NotFoundError.document("feature_configs/fc-1"), "feature config 'fc-1'"),
        (NotFoundError("quick test", "qt-1", ", revision 3"), "quick test 'qt-1', revision 3"),
        (NotFoundError("saved model of quick test", "qt-1", "any more"),
         "saved model of quick test 'qt-1' any more"),
        (NotFoundError("folder", "/data/x", "; give an absolute path"),
         "folder '/data/x'; give an absolute path"),
        (NotFoundError("dead letter", 7), "dead letter 7"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_told_in_words_without_internal_addresses(error, told):
    assert error.thing == told
    assert str(error) == f"There is no {told}."


def test_what_is_there_already_is_told_in_words():
    assert str(AlreadyExistsError.document("datasets/d-1")) == "Dataset 'd-1' exists already."
