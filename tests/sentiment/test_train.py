"""The table of the linear model, and the training that makes it."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

from botfolk.sentiment import train
from botfolk.sentiment.table import NAME, read

PACKAGE = Path(train.__file__).parent
TEXTS = [
    ("what a good day", 1),
    ("a very good idea", 1),
    ("what a bad day", -1),
    ("a very bad idea", -1),
    ("what a day", 0),
]


def a_sample(folder: Path) -> Path:
    """Write a small training set."""
    with gzip.open(folder / "en_goemo_train.jsonl.gz", "wt") as file:
        for number in range(60):
            text, label = TEXTS[number % len(TEXTS)]
            file.write(json.dumps({"text": f"{text} {'abc'[number % 3]}", "label": label, "lang": "en"}) + "\n")
    return folder


def test_training_twice_gives_the_same_bytes_in_any_process(tmp_path: Path) -> None:
    here = train.train(train.training(a_sample(tmp_path)))
    code = "import sys; from pathlib import Path; from botfolk.sentiment import train as t; print(t.train(t.training(Path(sys.argv[1]))), end='')"
    there = subprocess.run(
        [sys.executable, "-c", code, tmp_path], capture_output=True, check=True, env={"PYTHONHASHSEED": "7"}
    )
    assert there.stdout.decode() == here
    table = read(here)
    assert table.single["bad"][0] < table.single["good"][0]


def test_what_is_kept_out_is_never_trained_on(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "zh_cped_valid.jsonl.gz", "wt") as file:
        for number in range(200):
            file.write(json.dumps({"text": f"句子 {number}", "label": 0, "lang": "zh"}) + "\n")
    trained = {each.text for each in train.training(tmp_path)["zh_cped_valid"]}
    kept = {each.text for each in train.evaluation(tmp_path)["zh_cped_valid"]}
    assert trained
    assert kept
    assert not trained & kept


def test_without_data_it_says_where_it_looked(tmp_path: Path) -> None:
    assert train.main(["--data", str(tmp_path)]) == 2


def test_the_table_is_small_and_names_its_sources() -> None:
    path = PACKAGE / NAME
    assert path.stat().st_size <= 500_000
    lines = path.read_text("utf-8").splitlines()
    notes = [line for line in lines if line.startswith("#!")]
    for source in ("GoEmotions", "VADER", "Wisesight", "NusaX", "SmSA", "XLM-T", "CPED"):
        assert any(source in line for line in notes)
    assert all("(" in line for line in notes[1:])
    # What a tally of a text has room for.
    assert all(abs(int(steps)) <= 64 for line in lines if line not in notes for steps in line.split(" ")[:2])


def test_no_training_text_is_in_the_package(shared: Path) -> None:
    own = {each.text for each in train.read_own()}
    for examples in train.evaluation(shared / "data" / "sentiment").values():
        assert not own & {each.text for each in examples if len(each.text) > 20}
