"""A report in which everything occurs, with names as an attacker would choose them."""

from livekernel.watch.report import GenerationReport, Report, SessionReport

MEGABYTE = 1 << 20

FULL = Report(
    sessions=(
        SessionReport(
            id="1a2b3c4d",
            notebook="posts/gold",
            generation=2,
            state="live",
            seconds=75.5,
            private=60 * MEGABYTE,
            cpu_seconds=3.25,
        ),
        SessionReport(
            id="5e6f7a8b", notebook="posts/gold", generation=1, state="lost", seconds=4000, private=None
        ),
        SessionReport(
            id="9c0d1e2f",
            notebook="demos/atlas",
            generation=1,
            state="live",
            seconds=2,
            private=20 * MEGABYTE,
            cpu_seconds=0.5,
        ),
    ),
    generations=(
        GenerationReport(
            notebook="posts/gold",
            number=1,
            state="retiring",
            way="all cells",
            sessions=1,
            private=30 * MEGABYTE,
            shared=200 * MEGABYTE,
            warm_seconds=7.5,
        ),
        GenerationReport(
            notebook="posts/gold",
            number=2,
            state="ready",
            way="all cells",
            sessions=1,
            private=10 * MEGABYTE,
            shared=250 * MEGABYTE,
            warm_seconds=6.25,
        ),
        GenerationReport(
            notebook="demos/atlas",
            number=1,
            state="ready",
            way="warm cells",
            reason="it reads the clock",
            cell=3,
            sessions=1,
            private=5 * MEGABYTE,
            shared=100 * MEGABYTE,
            warm_seconds=1.5,
        ),
        GenerationReport(
            notebook='posts/"odd"\\',
            number=1,
            state="unavailable",
            way="all cells",
            reason="NameError: name 'x' is not defined\n\x1b[31mand more",
            cell=4,
        ),
    ),
    queue=2,
    starts_last_minute=4,
    starts_total=57,
    refusals={"busy": 3, "memory": 1},
    ended={"idle": 40, "memory": 2},
    memory_left=1500 * MEGABYTE,
    sandbox_holds=("no new privileges", "seccomp"),
    sandbox_missing=("Landlock for TCP",),
)
