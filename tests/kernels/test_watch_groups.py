"""What is left for a process: layouts of cgroups as fixtures, and a real group with a limit."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest
from livekernel.watch import groups
from livekernel.watch.groups import Mount

MEGABYTE = 1 << 20
UNLIMITED_V1 = 9223372036854771712
OPTIONS = "rw,relatime"


def v2(folder: Path, current: int, most: str = "max", high: str = "max", inactive: int = 0) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "memory.max").write_text(f"{most}\n")
    (folder / "memory.high").write_text(f"{high}\n")
    (folder / "memory.current").write_text(f"{current}\n")
    (folder / "memory.stat").write_text(f"anon 1\nfile 9\nkernel 1\ninactive_file {inactive}\n")


def v1(
    folder: Path, usage: int, limit: int = UNLIMITED_V1, above: int = UNLIMITED_V1, inactive: int = 0
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "memory.limit_in_bytes").write_text(f"{limit}\n")
    (folder / "memory.usage_in_bytes").write_text(f"{usage}\n")
    (folder / "memory.stat").write_text(
        f"inactive_file 7\nhierarchical_memory_limit {above}\ntotal_inactive_file {inactive}\n"
    )


class Machine:
    """A /proc, and hierarchies mounted below the same folder."""

    def __init__(self, folder: Path) -> None:
        self.proc, self.hierarchies = folder / "proc", folder / "sys fs"
        (self.proc / "self").mkdir(parents=True)
        self.hierarchies.mkdir()
        self.available(4000)
        (self.proc / "self/cgroup").write_text("")
        (self.proc / "self/mountinfo").write_text(f"22 1 0:20 / /proc {OPTIONS} - proc proc rw\n")

    def available(self, megabytes: int) -> None:
        text = f"MemTotal: 9 kB\nMemFree: 8 kB\nMemAvailable:   {megabytes * 1024} kB\n"
        (self.proc / "meminfo").write_text(text)

    def mount(self, version: int, membership: str, root: str = "/") -> Path:
        """Mount a hierarchy with ``root`` as what is seen of it; give the folder."""
        point = self.hierarchies / f"v{version}"
        point.mkdir()
        kind = "cgroup2 cgroup2 rw" if version == 2 else "cgroup cgroup rw,memory"
        escaped = str(point).replace(" ", "\\040")
        with (self.proc / "self/mountinfo").open("a") as file:
            file.write(f"3{version} 23 0:2{version} {root} {escaped} {OPTIONS} shared:9 master:2 - {kind}\n")
        with (self.proc / "self/cgroup").open("a") as file:
            file.write(f"{'0:' if version == 2 else '4:memory'}:{membership}\n")
        return point

    def left(self) -> float | None:
        found = groups.left(self.proc)
        return None if found is None else found / MEGABYTE


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_without_groups_the_machine_alone_counts(machine: Machine) -> None:
    assert machine.left() == 4000


def test_where_there_is_no_proc_nothing_is_known(tmp_path: Path) -> None:
    assert groups.left(tmp_path) is None


@pytest.mark.parametrize("tightest", ["own", "above", "machine"])
def test_the_tightest_of_all_groups_above_counts(machine: Machine, tightest: str) -> None:
    point = machine.mount(2, "/pod/kernels")
    most = {"own": 3000, "above": 3000, "machine": 4000, tightest: 700}
    v2(point / "pod/kernels", 200 * MEGABYTE, str(most["own"] * MEGABYTE))
    v2(point / "pod", 300 * MEGABYTE, str(most["above"] * MEGABYTE))
    machine.available(most["machine"])
    assert machine.left() == {"own": 500, "above": 400, "machine": 700}[tightest]


def test_the_cache_of_files_counts_as_free(machine: Machine) -> None:
    v2(machine.mount(2, "/pod") / "pod", 900 * MEGABYTE, str(1000 * MEGABYTE), inactive=300 * MEGABYTE)
    assert machine.left() == 400


def test_where_processes_are_slowed_down_is_a_bound_too(machine: Machine) -> None:
    v2(machine.mount(2, "/pod") / "pod", 0, high=str(250 * MEGABYTE))
    assert machine.left() == 250


def test_a_group_without_a_limit_bounds_nothing(machine: Machine) -> None:
    v2(machine.mount(2, "/pod") / "pod", 10**15)
    v1(machine.mount(1, "/pod") / "pod", 10**9)
    assert machine.left() == 4000


def test_a_group_above_its_limit_leaves_nothing(machine: Machine) -> None:
    v2(machine.mount(2, "/pod") / "pod", 2 * MEGABYTE, str(MEGABYTE))
    assert machine.left() == 0


def test_version_1_and_its_cache(machine: Machine) -> None:
    v1(machine.mount(1, "/pod") / "pod", 600 * MEGABYTE, 1000 * MEGABYTE, inactive=50 * MEGABYTE)
    assert machine.left() == 450


def test_a_limit_of_version_1_above_what_a_container_sees(machine: Machine) -> None:
    point = machine.mount(1, "/docker/abc", root="/docker/abc")
    v1(point, 100 * MEGABYTE, above=512 * MEGABYTE)
    assert machine.left() == 412


@pytest.mark.parametrize(
    ("membership", "root", "folder"),
    [
        ("/docker/abc", "/docker/abc", "."),  # told from the host's root, shown its own group alone
        ("/docker/abc/inner", "/docker/abc", "inner"),
        ("/", "/", "."),  # a namespace of cgroups
        ("/", "/docker/abc", "."),
        ("/docker/abc", "/docker/abcd", "."),  # no part of a name
        ("/../other", "/", "."),
    ],
)
@pytest.mark.parametrize("version", [1, 2])
def test_a_containers_root_is_found(
    machine: Machine, version: int, membership: str, root: str, folder: str
) -> None:
    point = machine.mount(version, membership, root)
    if version == 2:
        v2(point / folder, MEGABYTE, str(101 * MEGABYTE))
    else:
        v1(point / folder, MEGABYTE, 101 * MEGABYTE)
    assert machine.left() == 100


def test_no_folder_beside_the_mount_is_read(tmp_path: Path) -> None:
    mount = Mount(2, PurePosixPath("/"), tmp_path)
    assert list(groups.folders(mount, PurePosixPath("/../other/x"))) == [tmp_path]


def test_another_containers_group_that_is_mounted_somewhere_is_not_ours(machine: Machine) -> None:
    v2(machine.mount(2, "/pod") / "pod", 0, str(900 * MEGABYTE))
    other = machine.hierarchies / "other"
    v2(other, 0, str(MEGABYTE))
    with (machine.proc / "self/mountinfo").open("a") as file:
        escaped = str(other).replace(" ", "\\040")
        file.write(f"40 23 0:22 /docker/abc {escaped} {OPTIONS} - cgroup2 cgroup2 rw\n")
    assert machine.left() == 900


def test_both_versions_at_once(machine: Machine) -> None:
    machine.mount(2, "/pod")  # without the memory controller there are no files of it
    v1(machine.mount(1, "/other") / "other", 0, 10 * MEGABYTE)
    assert machine.left() == 10


def test_controllers_that_share_a_hierarchy() -> None:
    membership = "12:cpu,memory:/a:b\n3:cpuset:/c\n2:name=memory:/d\n0::/e\n"
    assert groups.groups(membership) == {1: PurePosixPath("/a:b"), 2: PurePosixPath("/e")}
    mountinfo = (
        f"35 31 0:32 / /m {OPTIONS} - cgroup cgroup rw,cpu,memory\n36 31 0:33 / /c rw - cgroup c rw,cpu\n"
    )
    assert list(groups.mounts(mountinfo)) == [Mount(1, PurePosixPath("/"), Path("/m"))]


def test_this_machine_has_something_left() -> None:
    found = groups.left()
    meminfo = groups.available(Path("/proc/meminfo").read_text())
    assert meminfo is not None
    assert found is not None
    assert found > 0


@pytest.fixture
def limited() -> Iterator[Path]:
    """A real group of version 1 with 100 MB."""
    if os.geteuid() != 0:
        pytest.skip("only root can make a cgroup")
    found = [m for m in groups.mounts(Path("/proc/self/mountinfo").read_text()) if m.version == 1]
    if not found:
        pytest.skip("no memory hierarchy of version 1 is mounted")
    group = groups.groups(Path("/proc/self/cgroup").read_text())[1]
    folder = next(groups.folders(found[0], group)) / f"livekernel-test-{os.getpid()}"
    try:
        folder.mkdir()
        (folder / "memory.limit_in_bytes").write_text(str(100 * MEGABYTE))
    except OSError as error:
        if folder.exists():
            folder.rmdir()
        pytest.skip(f"no cgroup can be made here: {error.strerror}")
    try:
        yield folder
    finally:
        folder.rmdir()


def test_a_real_group_bounds_what_is_left(limited: Path) -> None:
    script = (
        "import sys, pathlib, os; from livekernel.watch import groups;"
        "pathlib.Path(sys.argv[1], 'cgroup.procs').write_text(str(os.getpid()));"
        "before = groups.left(); kept = bytearray(b'x') * (50 << 20); print(before, groups.left())"
    )
    done = subprocess.run([sys.executable, "-c", script, limited], capture_output=True, text=True, check=True)
    before, after = map(int, done.stdout.split())
    assert 50 * MEGABYTE < before <= 100 * MEGABYTE
    # Linux charges a group in batches of some pages for each processor.
    assert before - after == pytest.approx(50 * MEGABYTE, abs=5 * MEGABYTE)
