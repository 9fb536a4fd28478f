"""The guard and the supervisor with real processes: whatever is killed, nothing is left behind."""

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from support.disks import small_disk
from support.processes import marked, none_left, told, wait_until

SUPPORT = Path(__file__).parents[1] / "support"
# Ctrl-C or SIGTERM ends everything within these seconds.
LIMIT = 10


class Command:
    """The running command under test, with what it printed."""

    def __init__(
        self,
        folder: Path,
        mark: str,
        plan: dict,
        ignored: tuple[int, ...] = (),
        errors: Path | None = None,
    ) -> None:
        self.folder, self.mark = folder, mark
        (folder / "plan.json").write_text(json.dumps(plan))
        self.errors = (errors or folder) / "stderr"
        with self.errors.open("wb") as stream:
            self.process = subprocess.Popen(
                [sys.executable, str(SUPPORT / "supervised.py"), str(folder / "plan.json")],
                stdout=subprocess.PIPE,
                stderr=stream,
                text=True,
                env={**os.environ, "MARK": mark},
                preexec_fn=lambda: [signal.signal(n, signal.SIG_IGN) for n in ignored],
            )

    def line(self) -> str:
        return self.process.stdout.readline().strip()

    def said(self, text: str) -> None:
        wait_until(lambda: text in self.errors.read_text(), f"{text!r} is said", said=self.errors.read_text)

    def supervisor(self) -> psutil.Process:
        (found,) = psutil.Process(self.process.pid).children()
        return found

    def pids(self, name: str, before: dict | None = None) -> dict:
        """Give the process ids of a stand-in once it runs, and is not the one it was ``before``."""
        path = self.folder / f"{name}.json"

        def fresh() -> dict | None:
            with suppress(FileNotFoundError):
                found = json.loads(path.read_text())
                return found if found != before else None
            return None

        return wait_until(fresh, f"{name} runs", said=self.errors.read_text)

    def ended(self, patience: float = 60) -> int:
        code = self.process.wait(patience)
        self.process.stdout.close()
        return code

    def nothing_left(self) -> None:
        wait_until(lambda: not marked(self.mark), "none is left", 20, lambda: told(marked(self.mark)))


@pytest.fixture
def mark() -> Iterator[str]:
    mark = f"mark-{uuid.uuid4()}"
    with none_left(mark):
        yield mark


@pytest.fixture
def command(tmp_path: Path, mark: str) -> Iterator:
    started = []

    def start(plan: dict, **options) -> Command:
        started.append(Command(tmp_path, mark, plan, **options))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.wait()
        each.process.stdout.close()


def stand_in(folder: Path, name: str, *more: str) -> list[str]:
    return [sys.executable, str(SUPPORT / "stand_in.py"), str(folder), name, *more]


@pytest.fixture
def pair(tmp_path: Path, command) -> Command:
    """A command with two stand-in services that run."""
    names = ("alpha", "beta")
    running = command({"services": {name: stand_in(tmp_path, name) for name in names}})
    assert running.line() == "up"
    for name in names:
        running.pids(name)
    return running


def alive(pid: int) -> bool:
    with suppress(psutil.Error):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


@pytest.mark.parametrize("name", ["alpha", "beta"])
def test_a_killed_service_is_started_again_without_its_orphans(pair: Command, name: str) -> None:
    before = pair.pids(name)
    other = pair.pids("beta" if name == "alpha" else "alpha")
    os.kill(before["main"], signal.SIGKILL)
    pair.said(f"blog: {name} ended (SIGKILL); starting it again in 0.5 s")
    pair.pids(name, before)
    # The workers and kernels of the killed one were gone before the new one ran.
    assert not any(alive(pid) for pid in before.values())
    assert all(alive(pid) for pid in other.values())


def test_the_delay_grows(pair: Command) -> None:
    before = pair.pids("alpha")
    os.kill(before["main"], signal.SIGKILL)
    before = pair.pids("alpha", before)
    os.kill(before["main"], signal.SIGTERM)
    pair.said("blog: alpha ended (SIGTERM); starting it again in 1 s")
    pair.pids("alpha", before)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_everything(pair: Command, number: signal.Signals) -> None:
    pair.process.send_signal(number)
    assert pair.ended(LIMIT) == 0
    assert marked(pair.mark) == []


def test_killing_the_command_ends_everything(pair: Command) -> None:
    pair.process.kill()
    pair.nothing_left()


def test_killing_the_supervisor_ends_everything(pair: Command) -> None:
    pair.supervisor().kill()
    assert pair.ended(LIMIT) == 1
    assert marked(pair.mark) == []
    assert "the supervisor was killed (SIGKILL)" in pair.errors.read_text()


def test_killing_all_services_at_once_brings_all_back(pair: Command) -> None:
    before = {name: pair.pids(name) for name in ("alpha", "beta")}
    for pids in before.values():
        for pid in pids.values():
            with suppress(ProcessLookupError):  # an orphan by now, and killed
                os.kill(pid, signal.SIGKILL)
    for name, pids in before.items():
        pair.pids(name, pids)


def test_with_command_and_supervisor_killed_the_services_are_told(pair: Command) -> None:
    mains = [pair.pids(name)["main"] for name in ("alpha", "beta")]
    supervisor = pair.supervisor()
    os.kill(pair.process.pid, signal.SIGSTOP)  # it shall not see to it
    supervisor.kill()
    wait_until(lambda: not any(map(alive, mains)), "the kernel has sent SIGTERM to both services")
    os.kill(pair.process.pid, signal.SIGCONT)
    pair.nothing_left()


def test_a_stubborn_service_is_killed(tmp_path: Path, command) -> None:
    running = command({"services": {"mule": stand_in(tmp_path, "mule", "stubborn")}})
    running.pids("mule")
    running.process.send_signal(signal.SIGTERM)
    assert running.ended(LIMIT) == 0
    assert marked(running.mark) == []


def test_a_second_signal_kills_at_once(tmp_path: Path, command) -> None:
    running = command({"services": {"mule": stand_in(tmp_path, "mule", "stubborn")}})
    pids = running.pids("mule")
    running.process.send_signal(signal.SIGINT)
    running.said("ending")
    assert alive(pids["main"])
    running.process.send_signal(signal.SIGINT)
    assert running.ended(6) == 0  # well within the seconds that a service has
    assert marked(running.mark) == []


def test_an_orphan_of_a_living_service_is_killed(tmp_path: Path, command) -> None:
    # A daemon by the book: forked twice, in a session of its own.
    daemon = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    pid = os.fork()\n"
        "    if pid:\n"
        "        open('new', 'w').write(str(pid)); os.rename('new', 'daemon.pid'); os._exit(0)\n"
        "    time.sleep(600)\n"
        "os.wait(); print('forked', flush=True); time.sleep(600)\n"
    )
    running = command({"services": {"parent": [sys.executable, "-c", daemon]}})
    path = tmp_path / "daemon.pid"
    wait_until(path.exists, "the daemon runs")
    wait_until(lambda: not alive(int(path.read_text())), "the daemon is gone")
    assert "ended" not in running.errors.read_text()


def test_what_never_starts_is_given_up(tmp_path: Path, command) -> None:
    failing = [sys.executable, "-c", "import sys; print('no such port'); sys.exit(3)"]
    running = command({"services": {"broken": failing}, "settle": False})
    assert running.ended() == 2
    said = running.errors.read_text()
    assert said.count("broken: no such port") == 5
    assert "starting it again in 4 s" in said
    last = said.splitlines()[-1]
    assert last.startswith("error: broken does not start: it ended 5 times, the last time with exit code 3")
    assert str(tmp_path / "broken.log") in last
    assert marked(running.mark) == []


def test_a_missing_program_is_named(tmp_path: Path, command) -> None:
    running = command({"services": {"absent": ["no-such-program"]}})
    running.said("absent ended (exit code 127)")
    wait_until(
        lambda: "no-such-program: [Errno 2] No such file" in (tmp_path / "absent.log").read_text(), "the log"
    )


def test_a_service_gets_its_environment_its_sockets_and_nothing_else(tmp_path: Path, command) -> None:
    program = (
        "import json, os, socket\n"
        "found = {'env': sorted(os.environ), 'fds': sorted(map(int, os.listdir('/proc/self/fd')))[:-1],\n"
        "         'port': socket.socket(fileno=3).getsockname()[1], 'session': os.getsid(0) == os.getpid(),\n"
        "         'cwd': os.getcwd(), 'stdin': os.read(0, 1).decode()}\n"
        "open('new', 'w').write(json.dumps(found)); os.rename('new', 'found.json')\n"
        "import time; time.sleep(600)\n"
    )
    command({"services": {"child": [sys.executable, "-c", program]}, "socket": True})
    path = tmp_path / "found.json"
    wait_until(path.exists, "the service has told what it sees")
    found = json.loads(path.read_text())
    assert {name for name in found["env"] if not name.startswith("LC_")} == {"MARK", "PATH"}
    assert found["fds"] == [0, 1, 2, 3]
    assert found["port"] > 0
    assert found["session"] is True
    assert found["cwd"] == str(tmp_path)
    assert found["stdin"] == ""


def test_nohup_is_respected(tmp_path: Path, command) -> None:
    running = command({"services": {"alpha": stand_in(tmp_path, "alpha")}}, ignored=(signal.SIGHUP,))
    pids = running.pids("alpha")
    running.process.send_signal(signal.SIGHUP)
    os.kill(pids["main"], signal.SIGKILL)
    running.pids("alpha", pids)  # the command still sees to its service
    running.process.terminate()
    assert running.ended(LIMIT) == 0


def test_a_call_gives_its_value_from_another_process(command) -> None:
    running = command({"call": "value"})
    value = json.loads(running.line())
    assert value["pages"] == 3
    assert value["by"] != running.process.pid
    assert running.line() == "up"
    assert running.ended() == 0


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("user_error", 2, "error: the notebook is missing: name another"),
        ("full_disk", 1, "OSError: [Errno 28] No space left on device: 'x.html'"),
        ("bug", 1, "ZeroDivisionError: a bug"),
        ("killed", 2, "was killed (SIGKILL)"),
    ],
)
def test_a_call_that_fails(command, name: str, code: int, said: str) -> None:
    running = command({"call": name})
    assert running.ended() == code
    assert said in running.errors.read_text()
    assert marked(running.mark) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_call_is_ended_with_all_it_started(command, number: signal.Signals) -> None:
    running = command({"call": "long"})
    assert running.line() == "working"
    running.process.send_signal(number)
    assert running.ended(LIMIT) == (-9 if number == signal.SIGKILL else 0)
    running.nothing_left()


def test_what_a_call_leaves_behind_is_killed(command) -> None:
    running = command({"call": "leaves_behind"})
    pid = int(running.line())
    assert running.ended() == 0
    assert not alive(pid)


def test_a_full_disk_stops_no_service_that_runs(tmp_path: Path, mark: str) -> None:
    noisy = "import time\nfor _ in range(5000): print('x' * 100, flush=True)\ntime.sleep(600)\n"
    with small_disk(tmp_path / "disk", "256k") as disk:
        running = Command(disk, mark, {"services": {"noisy": [sys.executable, "-c", noisy]}}, errors=tmp_path)
        try:
            running.said("the disk is full: what the services print is not being kept")
            running.process.terminate()
            assert running.ended(LIMIT) == 0
            assert "ended" not in running.errors.read_text().replace("ending", "")
        finally:
            running.process.kill()
            running.process.wait()
            running.process.stdout.close()
