"""Programs that the system brings: found, or named with the one command that installs them."""

import pytest
from blog import system
from blog.errors import ServiceError

ABSENT = system.Program(
    names=("no-such-program",),
    debian=("no-such-package", "another"),
    commands={"Fedora": "sudo dnf install x", "Arch": "sudo pacman -S x", "macOS": "brew install x"},
    service="x",
)
DEBIAN = "sudo apt-get install no-such-package another && sudo systemctl disable --now x"


def test_a_program_is_found_where_servers_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert system.provide(system.NGINX).endswith("/nginx")


@pytest.mark.parametrize(
    ("release", "command"),
    [
        ('ID=debian\nVERSION="12"\n', DEBIAN),
        ('ID=linuxmint\nID_LIKE="ubuntu debian"\n', DEBIAN),
        ("ID=fedora\n", "sudo dnf install x"),
        ('ID="manjaro"\nID_LIKE=arch\n', "sudo pacman -S x"),
        (
            "ID=plan9\n",
            f"{DEBIAN} (Debian), sudo dnf install x (Fedora), "
            "sudo pacman -S x (Arch), brew install x (macOS)",
        ),
    ],
)
def test_what_can_not_be_installed_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path, release: str, command: str
) -> None:
    (tmp_path / "os-release").write_text(release)
    monkeypatch.setattr(system, "RELEASE", tmp_path / "os-release")
    monkeypatch.setattr(system, "_rights", lambda: None)
    with pytest.raises(ServiceError) as error:
        system.provide(ABSENT)
    assert str(error.value) == f"no-such-program is not there; install it: {command}"
