"""What stands in several places stands there alike, and nothing names where it was made."""

import re
import subprocess
from pathlib import Path

from blog.settings import LIVE_PREFIX, STATIC_PREFIX

ROOT = Path(__file__).parents[2]


def tracked() -> list[Path]:
    """Give the project's text files."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    found = []
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.is_file() and b"\0" not in path.read_bytes()[:4096]:
            found.append(path)
    return found


def test_no_file_names_a_registry_or_a_path_of_one_machine() -> None:
    # Put together here so that this file does not name them itself.
    hosts = ["pypi" + ".org", "pythonhosted" + ".org", "registry." + "npmjs", "deb." + "debian.org"]
    paths = ["/" + "root/", "/" + "work/main", "/home/" + "runner"]
    words = re.compile("|".join(map(re.escape, [*hosts, *paths])))
    guilty = {
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in tracked()
        if path.name != "conda-lock.yml"
        for match in words.finditer(path.read_text(encoding="utf-8", errors="replace"))
    }
    assert guilty == set()


def test_prefixes_agree_wherever_they_are_written() -> None:
    nginx = "\n".join(p.read_text() for p in sorted((ROOT / "nginx").rglob("*.conf")))
    assert f"location {STATIC_PREFIX}" in nginx or f"location ^~ {STATIC_PREFIX}" in nginx
    assert re.search(rf"location\s+[~^=*\s]*\^?{re.escape(LIVE_PREFIX)}", nginx)
    for folder, paths in (
        ("site/blog/static/js", ("render/", "token")),
        ("voila/frontend/src", ("rest/", "session/", "api/kernels/", "voila/api/shutdown/")),
    ):
        scripts = "\n".join(path.read_text() for path in sorted((ROOT / folder).glob("*.js")))
        for path in paths:
            assert f"{LIVE_PREFIX}{path}" in scripts
    livekernel = "\n".join(p.read_text() for p in sorted((ROOT / "voila/livekernel").glob("*.py")))
    assert f'"{LIVE_PREFIX}"' in livekernel
