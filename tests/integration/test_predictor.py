"""The warm process of predictions: started once, replaced when it dies, never left behind. What
answers here is a small program that speaks as `trainer_image.serve` does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.jobs.predictors import WarmPredictor
from shared.errors import NotFoundError, UnavailableError
from shared.predictions import PredictionRequest
from shared.problems import InvalidError
from tests.waiting import eventually

# The URI of the model says what the program does.
_PROGRAM = """
import json, os, sys, time
for line in sys.stdin:
    question = json.loads(line)
    does = question["artifacts"]
    if does == "die":
        sys.stderr.write("out of memory\\n")
        os._exit(1)
    if does == "die once" and not os.path.exists(sys.argv[1]):
        open(sys.argv[1], "w").close()
        os._exit(1)
    if does == "hang":
        time.sleep(60)
    if does == "slow":
        time.sleep(0.2)
    answer = {"answer": {"known": True, "query": {"pid": os.getpid()}, "recommendations": [],
                         "ratings": [], "history": [], "products_bought": 0}}
    if does == "tell":
        answer["answer"]["query"] = dict(os.environ)
    if does == "nonsense":
        answer = {"answer": {"known": "perhaps"}}
    if does == "no model":
        answer = {"not_found": "request.json"}
    if does == "wrong":
        answer = {"problems": [{"path": "k", "code": "too_many", "message": "Too many."}]}
    if does == "fault":
        answer = {"fault": "KeyError: x"}
    print(json.dumps(answer), flush=True)
"""
ASK = PredictionRequest(customer_id="c")

Make = Callable[..., WarmPredictor]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    program = tmp_path / "serve.py"
    program.write_text(_PROGRAM)
    made: list[WarmPredictor] = []

    def predictor(**options: float) -> WarmPredictor:
        command = [sys.executable, "-S", str(program), str(tmp_path / "died")]
        made.append(WarmPredictor(command, tmp_path / "log.txt", **options))  # type: ignore[arg-type]
        return made[-1]

    yield predictor
    for one in made:
        one.close()


def test_one_process_answers_all_questions(make: Make) -> None:
    predictor = make()
    assert predictor.pid is None  # nothing runs before the first
    pids = {predictor.predict("ok", ASK).query["pid"] for _ in range(5)}
    assert pids == {predictor.pid}


def test_the_process_is_told_what_it_needs_of_the_environment_and_no_more(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "3")
    told = make().predict("tell", ASK).query
    assert "hush" not in str(told)
    assert (told["TF_NUM_INTRAOP_THREADS"], told["PATH"]) == ("3", os.environ["PATH"])


def test_a_killed_process_is_replaced(make: Make) -> None:
    predictor = make()
    predictor.predict("ok", ASK)
    first = predictor.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    second = predictor.predict("ok", ASK).query["pid"]
    assert second != first
    assert second == predictor.pid


def test_one_that_dies_of_a_question_is_asked_once_more(make: Make) -> None:
    assert make().predict("die once", ASK).known


def test_one_that_always_dies_is_given_up_with_its_last_words(make: Make) -> None:
    predictor = make()
    with pytest.raises(UnavailableError, match=r"died\. Its log ends with: out of memory"):
        predictor.predict("die", ASK)
    assert predictor.predict("ok", ASK).known


def test_a_question_without_an_answer_ends_in_time_and_so_does_its_process(make: Make) -> None:
    predictor = make(timeout_seconds=1.0)
    predictor.predict("ok", ASK)
    hanging = predictor.pid
    assert hanging is not None
    with pytest.raises(UnavailableError, match="within 1 seconds"):
        predictor.predict("hang", ASK)
    assert not alive(hanging)
    assert predictor.predict("ok", ASK).known


@pytest.mark.parametrize(
    ("model", "raised", "message"),
    [
        ("wrong", InvalidError, "K: Too many."),
        ("no model", NotFoundError, "request.json"),
        ("fault", UnavailableError, "KeyError: x"),
        ("nonsense", UnavailableError, "malformed"),
    ],
)
def test_a_bad_answer_is_an_error_and_the_process_lives_on(
    make: Make, model: str, raised: type[Exception], message: str
) -> None:
    predictor = make()
    predictor.predict("ok", ASK)
    before = predictor.pid
    with pytest.raises(raised, match=message):
        predictor.predict(model, ASK)
    assert predictor.predict("ok", ASK).query["pid"] == before


def test_questions_at_once_are_answered_one_by_one_and_too_many_are_refused(make: Make) -> None:
    predictor = make(max_waiting=4)
    predictor.predict("ok", ASK)
    outcomes: list[object] = []

    def ask() -> None:
        try:
            outcomes.append(predictor.predict("slow", ASK).query["pid"])
        except UnavailableError as refusal:
            outcomes.append(str(refusal))

    threads = [threading.Thread(target=ask) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answered = [one for one in outcomes if one == predictor.pid]
    assert 4 <= len(answered) < 10
    assert len(answered) + outcomes.count("Too many predictions are waiting for the model.") == 10


def test_an_idle_process_ends_and_comes_back(make: Make) -> None:
    predictor = make(idle_seconds=0.3)
    first = predictor.predict("ok", ASK).query["pid"]
    assert isinstance(first, int)
    eventually(lambda: predictor.pid is None)
    assert not alive(first)
    assert predictor.predict("ok", ASK).query["pid"] != first


def test_questions_keep_the_process(make: Make) -> None:
    predictor = make(idle_seconds=1.0)
    first = predictor.predict("ok", ASK).query["pid"]
    for _ in range(7):
        time.sleep(0.2)
        assert predictor.predict("ok", ASK).query["pid"] == first
    eventually(lambda: predictor.pid is None)


def test_a_question_starts_no_thread(make: Make) -> None:
    predictor = make()
    predictor.predict("ok", ASK)
    threads = set(threading.enumerate())
    predictor.predict("ok", ASK)
    assert set(threading.enumerate()) == threads


def test_closing_ends_the_process_even_while_it_is_asked(make: Make) -> None:
    predictor = make()
    predictor.predict("ok", ASK)
    pid = predictor.pid
    assert pid is not None
    failed: list[Exception] = []

    def ask() -> None:
        try:
            predictor.predict("hang", ASK)
        except UnavailableError as error:
            failed.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    time.sleep(0.2)
    predictor.close()
    thread.join(5)
    assert "being stopped" in str(failed[0])
    assert not alive(pid)
    with pytest.raises(UnavailableError, match="being stopped"):
        predictor.predict("ok", ASK)


def test_a_python_that_is_not_there_is_named(tmp_path: Path) -> None:
    predictor = WarmPredictor([str(tmp_path / "python")], tmp_path / "log.txt")
    with pytest.raises(UnavailableError, match=r"Cannot start .*RECSMITH_TRAINER_PYTHON"):
        predictor.predict("ok", ASK)


def test_a_killed_system_leaves_no_process(tmp_path: Path) -> None:
    (tmp_path / "serve.py").write_text(_PROGRAM)
    program = """
        import sys, time
        from pathlib import Path
        from local.jobs.predictors import WarmPredictor
        from shared.predictions import PredictionRequest
        folder = Path(sys.argv[1])
        predictor = WarmPredictor([sys.executable, str(folder / "serve.py")], folder / "log.txt")
        predictor.predict("ok", PredictionRequest(customer_id="c"))
        print(predictor.pid, flush=True)
        time.sleep(60)
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program), tmp_path],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
    ) as system:
        assert system.stdout is not None
        pid = int(system.stdout.readline())
        assert alive(pid)
        system.kill()
    eventually(lambda: not alive(pid))
