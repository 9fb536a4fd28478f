"""Programs of the system's package manager: found, installed where that may be done, or named.

Runs on the bare Python of the system too, before there is an environment.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from blog.errors import ServiceError

#: Where servers are that a user's PATH may leave out.
_SERVERS = ("/usr/local/sbin", "/usr/sbin", "/sbin", "/opt/homebrew/bin")

RELEASE = Path("/etc/os-release")

# Installs "$@" without starting $service, which nobody asked for: neither now (policy-rc.d(8) is what
# Debian's maintainer scripts ask; an administrator's own stays) nor at the next boot.
_INSTALL = """
set -eu
service=$1; shift
policy=/usr/sbin/policy-rc.d
mark='# made while the notebook blog installs a package; left behind, it can be deleted'
made=
trap 'if [ -n "$made" ]; then rm -f "$policy"; fi' EXIT
trap 'exit 1' HUP INT TERM
if [ -n "$service" ]; then
    if [ -e "$policy" ] && grep -qxF "$mark" "$policy"; then rm -f "$policy"; fi
    if (set -C; printf '#!/bin/sh\\n%s\\nexit 101\\n' "$mark" > "$policy") 2>/dev/null; then
        made=yes
        chmod 755 "$policy"
    fi
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update || echo 'blog: apt-get update failed; trying with the lists there are' >&2
apt-get -qq install -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@" > /dev/null
if [ -n "$service" ]; then
    update-rc.d "$service" disable > /dev/null 2>&1 || :
    if [ -z "$made" ]; then invoke-rc.d "$service" stop > /dev/null 2>&1 || :; fi
fi
"""


@dataclass(frozen=True, slots=True)
class Program:
    """A program by its ``names``; ``debian`` are its packages, ``commands`` what to type elsewhere.

    ``service`` is what its package would start by itself.
    """

    names: tuple[str, ...]
    debian: tuple[str, ...]
    commands: Mapping[str, str]
    service: str = ""


NGINX = Program(
    names=("nginx",),
    debian=("nginx-light", "libnginx-mod-http-brotli-static"),
    commands={
        "Fedora": "sudo dnf install nginx",
        "Arch": "sudo pacman -S nginx",
        "macOS": "brew install nginx",
    },
    service="nginx",
)
CHROMIUM = Program(
    names=("chromium", "chromium-browser", "google-chrome"),
    debian=("chromium",),
    commands={
        "Fedora": "sudo dnf install chromium",
        "Arch": "sudo pacman -S chromium",
        "macOS": "brew install --cask chromium",
    },
)
FIREFOX = Program(
    names=("firefox-esr", "firefox"),
    debian=("firefox-esr",),
    commands={
        "Fedora": "sudo dnf install firefox",
        "Arch": "sudo pacman -S firefox",
        "macOS": "brew install --cask firefox",
    },
)


def find(program: Program) -> str | None:
    """Give the program's path, or None."""
    places = os.pathsep.join([os.environ.get("PATH", os.defpath), *_SERVERS])
    return next(filter(None, (shutil.which(name, path=places) for name in program.names)), None)


def provide(program: Program) -> str:
    """Give the program's path; installs it with apt-get first, as root or by a sudo that does not ask.

    Raises :class:`ServiceError` with the one command to type where it can't.
    """
    if found := find(program):
        return found
    name = program.names[0]
    if not install(name, program.debian, program.service) or not (found := find(program)):
        raise ServiceError(f"{name} is not there; install it: {_command(program)}")
    return found


def install(name: str, packages: tuple[str, ...], service: str = "") -> bool:
    """Install Debian packages if that may be done here; tell whether it was done.

    A Ctrl-C waits until apt-get has come to its end: half an installation helps nobody.
    """
    apt, rights = shutil.which("apt-get"), _rights()
    if apt is None or rights is None:
        return False
    print(f"blog: installing {name} with apt-get", file=sys.stderr, flush=True)
    command = [*rights, "sh", "-c", _INSTALL, "sh", service, *packages]
    process = subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL)
    interrupted = False
    while True:
        try:
            code = process.wait()
            break
        except KeyboardInterrupt:
            interrupted = True
    if interrupted:
        raise KeyboardInterrupt
    return code == 0


def _rights() -> list[str] | None:
    """Give what to put before a command that needs root; None where there is no way without a password."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return [sudo, "-n"]
    return None


def _command(program: Program) -> str:
    """Put what to type on this system; on an unknown one, on each."""
    debian = f"sudo apt-get install {' '.join(program.debian)}"
    if program.service:
        debian += f" && sudo systemctl disable --now {program.service}"
    commands = {"Debian": debian, **program.commands}
    here = _system()
    if here in commands:
        return commands[here]
    return ", ".join(f"{command} ({system})" for system, command in commands.items())


def _system() -> str:
    if sys.platform == "darwin":
        return "macOS"
    try:
        lines = RELEASE.read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    release = dict(line.replace('"', "").split("=", 1) for line in lines if "=" in line)
    family = {"debian": "Debian", "ubuntu": "Debian", "fedora": "Fedora", "rhel": "Fedora", "arch": "Arch"}
    kinds = [release.get("ID", ""), *release.get("ID_LIKE", "").split()]
    return next((family[kind] for kind in kinds if kind in family), "")
