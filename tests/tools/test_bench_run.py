"""tests/bench/run: its figures, its table, its JSON, and what becomes of a row that fails."""

import json
import os
import sys
from contextlib import contextmanager
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import SimpleNamespace

import pytest

BENCH = Path(__file__).resolve().parents[1] / "bench"
sys.path.append(str(BENCH))

from measuring import cpu_time, figures, fleet, options, registrations
from measuring.bench import Bench
from measuring.report import as_json, markdown
from measuring.row import CannotMeasure, Row, row_of
from rows import idle, many_accounts, million_accounts

from lab.errors import LabError

FIELDS = {"name", "value", "unit", "spread", "peer", "peer_value", "ratio", "budget"}


@pytest.fixture(name="bench_run")
def fixture_bench_run(tmp_path, monkeypatch):
    """The program without a machine: no namespaces, no building."""
    loader = SourceFileLoader("bench_run", str(BENCH / "run"))
    module = module_from_spec(spec_from_loader("bench_run", loader))
    loader.exec_module(module)

    class NoBench:
        def __init__(self, *_):
            self.folder = tmp_path

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

    monkeypatch.setattr(module, "Bench", NoBench)
    monkeypatch.setattr(module, "prepare", lambda: True)
    monkeypatch.setattr(module.os, "geteuid", lambda: 0)
    monkeypatch.setattr(module.signal, "signal", lambda *_: None)
    return module


def with_row(module, monkeypatch, measure):
    """Makes `measure` the only row of the program."""
    monkeypatch.setattr(module.importlib, "import_module",
                        lambda name: SimpleNamespace(measure=measure))
    monkeypatch.setattr(module, "ROWS", ("one",))


@pytest.mark.parametrize("values, expected", [
    ([10, 10], 0), ([9, 10, 11], 0.1), ([5, 10, 10, 20], 0.75), ([0, 0], 0),
])
def test_the_spread_is_half_the_range_as_a_share_of_the_median(values, expected):
    assert figures.spread(values) == pytest.approx(expected)


def test_a_single_value_has_no_spread():
    assert figures.spread([10]) is None
    row = row_of("once", "1/s", [5], peer="goal", peer_values=[10])
    assert (row.spread, row.peer_spread) == (None, None)
    assert "| once | 5 | 1/s |  | goal | 10 |  | 0.5 |  |  |" in markdown({}, [row])


@pytest.mark.parametrize("number, text", [
    (None, "-"), (0, "0"), (0.012345, "0.0123"), (12.345, "12.3"), (999.4, "999"), (1234.5, "1 230"),
    (1234567, "1 230 000"),
])
def test_numbers_have_three_digits_that_count(number, text):
    assert figures.text(number) == text


def test_a_row_has_the_medians_and_their_ratio():
    row = row_of("x", "1/s", [90, 300, 100], peer="p", peer_values=[9, 10, 30], budget=10)
    assert (row.value, row.peer_value, row.ratio, row.met) == (100, 10, 10, True)
    assert row_of("x", "1/s", [99], peer="p", peer_values=[10], budget=10).met is False


def test_a_larger_ratio_is_better_also_where_less_is():
    row = row_of("memory", "B", [512], peer="goal", peer_values=[1024], less_is_better=True, budget=1)
    assert (row.ratio, row.met) == (2, True)


def test_a_row_without_a_peer_or_a_figure_is_not_judged():
    assert row_of("x", "1/s", [1], budget=2).met is None
    assert Row("x", "").met is None


def test_the_table_has_a_line_a_row_and_says_how():
    rows = [row_of("fast", "1/s", [1e6, 1.1e6], peer="p", peer_values=[0.8e5, 1.2e5], budget=12,
                   how="So."),
            Row("none", "", note="Not measured: one core.")]
    text = markdown({"kernel": "6.1"}, rows)
    lines = text.splitlines()
    assert lines[0] == "kernel: 6.1"
    assert "| fast | 1 050 000 | 1/s | ±5% | p | 100 000 | ±20% | 10.5 | 12 | no |" in lines
    assert "| none | not measured |  |  |  |  |  |  |  |  |" in lines
    assert "- fast: So." in lines and "- none: Not measured: one core." in lines
    assert len({line.count("|") for line in lines if line.startswith("|")}) == 1


def test_the_json_has_the_fields_that_programs_expect():
    row = row_of("fast", "1/s", [2], peer="p", peer_values=[1], budget=1)
    read = json.loads(as_json({"kernel": "6.1"}, [row]))
    assert read["machine"] == {"kernel": "6.1"}
    assert FIELDS <= set(read["rows"][0])
    assert read["rows"][0]["ratio"] == 2
    assert read["rows"][0]["peer_spread"] is None


def test_cpu_time_is_read_behind_any_name():
    stat = "7 (a) (b c) S 1 42 42 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 1 0 5 0 0"
    name, fields = cpu_time.parse_stat(stat)
    assert (name, fields[2]) == ("a) (b c", "42")
    assert cpu_time.times(fields).user == pytest.approx(250 * cpu_time.TICK)
    assert cpu_time.times(fields).total == pytest.approx(300 * cpu_time.TICK)


BLAST_SAYS = """blast: a warning
   1 s          0/s  busy   2 %  bound 0, challenged 0, granted 0, retransmissions 0, wrong 0
   2 s       3000/s  busy  40 %  bound 9, challenged 3001, granted 3000, retransmissions 5, wrong 0
   3 s       1000/s  busy  10 %  bound 9, challenged 4001, granted 4000, retransmissions 6, wrong 1
   4 s       1000/s  busy  10 %  bound 9, challenged 5001, granted 50"""


def test_the_progress_of_the_registrar_is_read_by_whole_lines():
    seen = registrations.moments(BLAST_SAYS)
    assert [moment.granted for moment in seen] == [0, 3000, 4000]
    assert (seen[-1].second, seen[-1].busy, seen[-1].retransmissions, seen[-1].wrong) == (3, 10, 6, 1)
    assert registrations.moments("") == []


def test_a_window_of_registrations_has_its_best_second_and_its_cpu_time():
    seen = registrations.moments(BLAST_SAYS)
    window = registrations.of_window(seen, cpu_time.CpuTime(0.5, 1.5), {"worker": 2.0})
    assert (window.count, window.peak, window.generator) == (4000, 3000, 0.4)
    assert (window.per_second, window.user, window.retransmissions) == (2000, 0.5, 6)


def test_lines_of_a_second_count_together():
    seen = [registrations.Moment(second, busy, granted, granted, 0, 0) for second, busy, granted in
            [(1, 50, 100), (1, 10, 300), (2, 20, 400), (2, 40, 900), (3, 90, 1000)]]
    window = registrations.of_window(seen, cpu_time.CpuTime(1, 0), {})
    assert (window.count, window.peak, window.generator) == (900, 600, pytest.approx(0.3))


class PlayedBlast:
    """Tells how many it granted, a line each interval of a time that passes as one looks."""

    exit_code = None

    def __init__(self, *words):
        self.interval = words[words.index("--interval") + 1] if "--interval" in words else 1000
        self.granted = self.milliseconds = 0
        self.said = ""

    def output(self):
        self.milliseconds += 5
        if self.milliseconds % self.interval == 0:
            self.said += (f"{self.milliseconds // 1000:4} s          1/s  busy   2 %  bound 9, "
                          f"challenged {self.granted}, granted {self.granted}, retransmissions 0, "
                          "wrong 0\n")
        return self.said


@pytest.mark.parametrize("ignored", [0, registrations.WINDOW])
def test_the_rate_is_not_that_of_the_generators_lines(monkeypatch, ignored):
    """Of a system that registers all its accounts in no time; those that are under way it registers
    no second time."""
    accounts, played = 1000, []

    @contextmanager
    def registrar(bench, namespace, port, *words):
        played.append(PlayedBlast(*words))
        yield played[0]

    @contextmanager
    def start():
        grant(accounts)
        yield SimpleNamespace(pid=1)

    def grant(number):
        played[0].granted += number

    def wait_until(condition, *_, **__):
        return next(filter(None, (condition() for _ in range(10_000))))

    monkeypatch.setattr(registrations, "registrar", registrar)
    monkeypatch.setattr(registrations, "wait_until", wait_until)
    monkeypatch.setattr(registrations, "by_thread", lambda pid: {"main": 0.0})
    monkeypatch.setattr(registrations, "of_group", lambda *_: cpu_time.CpuTime(
        1e-5 * played[0].granted, 0.0))
    result = registrations.measure(SimpleNamespace(seconds=2, system_cpu=1), None, (), accounts, 3600,
                                   start, lambda: grant(accounts - ignored))
    assert result.peak > 20 * accounts
    assert result.per_second == pytest.approx(1e5)


def test_registering_is_counted_by_the_seconds_with_grants():
    seen = registrations.moments(BLAST_SAYS)
    assert fleet.registering(seen, accounts=4000) == 2
    assert fleet.registering(seen, accounts=3000) == 1
    assert fleet.most(seen, lambda moment: moment.granted) == 3000


@pytest.mark.parametrize("busiest, registering, met", [
    ([20_000, 20_400], 11, {"seconds": True, "peak": True}),
    ([20_000, 20_500], 11, {"seconds": True, "peak": False}),
    ([20_000, 20_000], 12, {"seconds": False, "peak": True}),
])
def test_a_rate_is_judged_by_its_length_and_by_its_busiest_second(monkeypatch, busiest, registering,
                                                                  met):
    runs = iter(busiest)

    def measured(_, accounts, rate=0, restarts=False):
        return fleet.Fleet(accounts, 8.0, registering, 9000, next(runs) if rate else 0, 10**8, 1.0,
                           accounts, 0)

    monkeypatch.setattr(fleet, "measure", measured)
    rows = {row.name: row for row in many_accounts.measure(Bench(2, 1, None))}
    assert rows["the same at 20 000 REGISTER/s"].met is met["seconds"]
    assert rows["REGISTERs in its busiest second"].met is met["peak"]
    assert rows["REGISTERs in its busiest second"].value == max(busiest)


def test_a_part_of_what_the_goal_counts_is_not_judged_by_it(monkeypatch):
    monkeypatch.setattr(million_accounts, "bytes_an_account", lambda _: 1003)
    row, = million_accounts.measure(Bench(5, 1, None))
    assert (row.value, row.met) == (1003, None)


def test_a_goal_that_is_not_measured_has_a_row_that_says_so(monkeypatch):
    monkeypatch.setattr(idle, "percentages", lambda _: [0.1, 0.2])
    text = markdown({}, idle.measure(None))
    assert "| idle, PCI ports | not measured | % of a core |  | goal | 3 |  |  | 1 |  |" in text
    assert "- idle, PCI ports: Not measured here: " in text


def test_the_progress_of_options_is_read():
    seen = options.moments(
        "   1 s      10/s  busy   2 %  done 10, under way 128, p50 1 us, p99 2 us, sent again 0, "
        "timed out 0, wrong 0\n"
        "   2 s      90/s  busy  50 %  done 100, under way 128, p50 1 us, p99 2 us, sent again 0, "
        "timed out 0, wrong 3\n")
    assert [(moment.done, moment.wrong) for moment in seen] == [(10, 0), (100, 3)]
    window = options.of_window(seen, cpu_time.CpuTime(0.25, 0.25))
    assert (window.count, window.peak, window.generator, window.per_second) == (90, 90, 0.5, 180)


def test_runs_are_shared_between_rows_that_ask_for_the_same():
    bench = Bench(3, 1, None)
    calls = []
    first = bench.several(lambda one: calls.append(one))
    assert (len(first), len(calls)) == (3, 3)

    def measure(_):
        return len(calls)

    assert bench.several(measure) is bench.several(measure)


def test_a_processs_time_is_counted_in_nanoseconds():
    before = cpu_time.precise(os.getpid())
    while cpu_time.precise(os.getpid()) == before:
        pass
    assert 0 < cpu_time.precise(os.getpid()) - before < 1


def test_ticks_share_the_nanoseconds_between_user_and_kernel(monkeypatch):
    monkeypatch.setattr(cpu_time, "precise", lambda pid: 0.0123)
    fine = cpu_time.finely(cpu_time.CpuTime(0.03, 0.01), 1)
    assert (fine.user, fine.total) == (pytest.approx(0.0123 * 3 / 4), pytest.approx(0.0123))
    assert cpu_time.finely(cpu_time.CpuTime(0, 0), 1).total == pytest.approx(0.0123)


def test_a_row_that_this_machine_cannot_measure_says_so(bench_run, monkeypatch, capsys):
    def measure(_):
        raise CannotMeasure("needs two cores")

    with_row(bench_run, monkeypatch, measure)
    assert bench_run.main(["--json"]) == 0
    row = json.loads(capsys.readouterr().out)["rows"][0]
    assert (row["name"], row["value"]) == ("one", None)
    assert row["note"] == "Not measured: needs two cores."


def test_a_row_that_fails_leaves_the_others_and_is_told_by_the_exit_code(bench_run, monkeypatch,
                                                                         capsys, tmp_path):
    outcomes = iter([LabError("no kamailio\nits log"), None])

    def measure(_):
        failure = next(outcomes)
        if failure:
            raise failure
        return [row_of("good", "1/s", [1])]

    with_row(bench_run, monkeypatch, measure)
    monkeypatch.setattr(bench_run, "ROWS", ("bad", "good"))
    assert bench_run.main(["--output", str(tmp_path / "table.md")]) == 1
    out = capsys.readouterr().out
    assert "- bad: Failed: no kamailio." in out and "| good | 1 |" in out
    assert (tmp_path / "table.md").read_text(encoding="utf-8") == out


def test_a_json_file_stands_beside_the_table(bench_run, monkeypatch, capsys, tmp_path):
    with_row(bench_run, monkeypatch, lambda _: [row_of("good", "1/s", [1])])
    file = tmp_path / "rows.json"
    assert bench_run.main(["one", "--json", str(file)]) == 0
    said = capsys.readouterr()
    assert "| good | 1 |" in said.out and "1/1 one" in said.err and "good: 1 1/s" in said.err
    assert json.loads(file.read_text(encoding="utf-8"))["rows"][0]["name"] == "good"


def test_every_row_has_a_file_and_every_file_a_row(bench_run):
    assert sorted(bench_run.ROWS) == sorted(path.stem for path in (BENCH / "rows").glob("*.py"))


@pytest.mark.parametrize("option", ["--json", "--output"])
@pytest.mark.parametrize("file, said", [("none/x", "there is no folder"), (".", "is a folder")])
def test_a_file_that_cannot_be_written_is_told_before_anything_is_measured(
        bench_run, monkeypatch, capsys, tmp_path, option, file, said):
    measured = []
    with_row(bench_run, monkeypatch, measured.append)
    with pytest.raises(SystemExit) as ended:
        bench_run.main([option, str(tmp_path / file)])
    assert (ended.value.code, measured) == (2, [])
    assert f"{option}: " in (told := capsys.readouterr().err) and said in told


@pytest.mark.parametrize("words", [["bogus"], ["--runs", "0"], ["--seconds", "0"],
                                   ["--json", "idle"]])
def test_wrong_usage_ends_with_2(bench_run, words):
    with pytest.raises(SystemExit) as ended:
        bench_run.main(words)
    assert ended.value.code == 2
