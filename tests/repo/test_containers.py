"""The container files: linters find nothing, and every service is as closed as it can be."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from blog import proxy, system
from blog.settings import INNER_PORT, LIVE_PREFIX, PUBLIC_PORT, SITE_PORT, VOILA_PORT, load
from livekernel.options import parser, settings
from livekernel.settings import Settings
from livekernel.status import PORT as ADMIN_PORT

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
COMPOSE = ROOT / "docker-compose.yaml"
DOCKERFILE = (ROOT / "Dockerfile").read_text()
SERVICES = ("nginx", "site", "voila")
MEGABYTE = 1 << 20


def resolve(**settings: str) -> dict[str, Any]:
    """Give what Compose makes of the file with these settings, by default with none at all."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BLOG_")}
    environment |= settings
    command = [BIN / "docker-compose", "--env-file", "/dev/null", "-f", COMPOSE, "config", "--format", "json"]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    resolved: dict[str, Any] = json.loads(result.stdout)
    return resolved


@pytest.fixture(scope="module")
def config() -> dict[str, Any]:
    return resolve()


def stage(name: str) -> str:
    """Give a final stage's text, from its FROM to the next."""
    return next(part for part in re.split(r"^(?=FROM )", DOCKERFILE, flags=re.M) if f" AS {name}\n" in part)


@pytest.mark.parametrize(
    "command",
    [
        ["hadolint", "Dockerfile"],
        [
            "yamllint",
            "--strict",
            "docker-compose.yaml",
            "environment.yml",
            ".hadolint.yaml",
            ".yamllint.yaml",
        ],
        ["check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yaml"],
    ],
    ids=lambda command: command[0],
)
def test_the_linters_have_nothing_to_say(command: list[str]) -> None:
    result = subprocess.run([BIN / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.fixture(params=["containers", "blog up"])
def rendered(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """nginx's configuration as one of the two ways to run it writes it."""
    if request.param == "containers":
        proxy.write(ROOT / "nginx", tmp_path, proxy.container(load(ROOT / "notebooks")))
        return tmp_path / "nginx.conf"
    for folder in ("run/nginx", "cache"):
        (tmp_path / folder).mkdir(parents=True)
    here = proxy.Proxy("127.0.0.1:8080", "127.0.0.1:8081", "unix:run/site/socket", "127.0.0.1:8866")
    command = proxy.prepare(system.provide(system.NGINX), ROOT / "nginx", tmp_path, here)
    return Path(command[-1])


def test_gixy_finds_no_fault_in_nginx(rendered: Path) -> None:
    # Left out: one internal location drops the headers on purpose, as nginx has written them by then
    # (tests/proxy/test_headers.py asks for each on every answer), and a hint that try_files costs time.
    left_out = "add_header_redefinition,try_files_is_evil_too"
    result = subprocess.run([BIN / "gixy", "--skips", left_out, rendered], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "No issues found" in result.stdout


def test_there_are_these_services_and_no_others(config: dict[str, Any]) -> None:
    assert sorted(config["services"]) == sorted(SERVICES)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_no_right_that_it_does_not_need(config: dict[str, Any], name: str) -> None:
    service = config["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["init"] is True
    assert service["restart"] == "unless-stopped"
    assert {"max-size", "max-file"} <= set(service["logging"]["options"])
    assert service["healthcheck"]["test"]
    assert int(service["mem_limit"]) > 0
    assert int(service["pids_limit"]) > 0
    # Neither more rights, nor anything of the host's; what is written goes to folders in memory.
    forbidden = {
        "privileged",
        "cap_add",
        "devices",
        "volumes",
        "network_mode",
        "pid",
        "ipc",
        "userns_mode",
        "user",
    }
    assert not forbidden & set(service)
    assert all("size=" in mount for mount in service["tmpfs"])


@pytest.mark.parametrize("name", SERVICES)
def test_an_image_runs_as_nobody_special(name: str) -> None:
    (user,) = re.findall(r"^USER (\d+):\d+$", stage(name), re.MULTILINE)
    assert int(user) >= 1000


def test_only_nginx_can_be_reached_and_only_it_has_a_way_out(config: dict[str, Any]) -> None:
    services, networks = config["services"], config["networks"]
    assert [name for name in services if services[name].get("ports")] == ["nginx"]
    (port,) = services["nginx"]["ports"]
    assert (port["target"], port["published"]) == (PUBLIC_PORT, str(PUBLIC_PORT))
    for name in ("site", "voila"):
        for network in services[name]["networks"]:
            assert networks[network]["internal"] is True
            # Not even the machine itself has an address there.
            assert networks[network]["driver_opts"] == {"com.docker.network.bridge.inhibit_ipv4": "true"}
    assert not set(services["site"]["networks"]) & set(services["voila"]["networks"])


def test_the_limits_fit_a_machine_of_one_gigabyte(config: dict[str, Any]) -> None:
    assert sum(int(s["mem_limit"]) for s in config["services"].values()) <= 900 * MEGABYTE


def test_every_setting_has_a_default_and_is_told_of() -> None:
    settings = re.findall(r"(?<!\$)\$\{(\w+)([^}]*)\}", COMPOSE.read_text())
    assert settings
    guide = (ROOT / "docs/operator.md").read_text()
    assert [name for name, default in settings if not name.startswith("BLOG_") or default[:2] != ":-"] == []
    assert sorted({name for name, _ in settings if name not in guide}) == []


def test_the_live_server_is_started_as_by_default(config: dict[str, Any], tmp_path: Path) -> None:
    """With no variable set, and with what operators may set; the options are those that there are."""
    words = json.loads(re.search(r"ENTRYPOINT (\[.*?\])", stage("voila").replace("\\\n", ""), re.DOTALL)[1])
    (tmp_path / "live.options").write_text("--kernels=3\n")
    moved = {
        "/etc/blog/live.options": f"{tmp_path}/live.options",
        "/srv/blog/notebooks": str(ROOT / "notebooks"),
    }
    for old, new in moved.items():
        words = [word.replace(old, new) for word in words]
    command = config["services"]["voila"]["command"]
    assert (
        settings(parser().parse_args([*words[3:], *command])).kernels
        == Settings.__dataclass_fields__["kernels"].default
    )
    more = resolve(BLOG_KERNELS="5", BLOG_LIVE_OPTIONS="--memory 400 --per-address=30")
    told = settings(parser().parse_args([*words[3:], *more["services"]["voila"]["command"]]))
    assert (told.kernels, told.memory, told.per_address) == (5, 400 * MEGABYTE, 30)


def test_ports_and_prefixes_agree_wherever_they_are_written(config: dict[str, Any]) -> None:
    exposed = {name: re.findall(r"^EXPOSE (.+)$", stage(name), re.MULTILINE) for name in SERVICES}
    assert exposed == {
        "nginx": [f"{PUBLIC_PORT} {INNER_PORT}"],
        "site": [f"{SITE_PORT}"],
        "voila": [f"{VOILA_PORT}"],
    }
    assert f'"0.0.0.0:{SITE_PORT}"' in stage("site")
    assert f'"--port", "{VOILA_PORT}"' in stage("voila")
    assert f'"--base-url", "{LIVE_PREFIX}"' in stage("voila")
    assert f'"--admin-port", "{ADMIN_PORT}"' in stage("voila")
    assert f":{ADMIN_PORT}" not in COMPOSE.read_text()  # it is for the container itself
    services = config["services"]
    assert services["site"]["environment"]["BLOG_NGINX_URL"] == f"http://nginx:{INNER_PORT}"
    live = services["site"]["environment"]["BLOG_LIVE_URL"]
    assert live == f"http://nginx:{INNER_PORT}{LIVE_PREFIX.rstrip('/')}"
    checks = {name: " ".join(services[name]["healthcheck"]["test"]) for name in SERVICES}
    assert f"/dev/tcp/127.0.0.1/{INNER_PORT}" in checks["nginx"]
    assert f"127.0.0.1:{SITE_PORT}/" in checks["site"]
    assert f"127.0.0.1:{VOILA_PORT}{LIVE_PREFIX}healthz" in checks["voila"]
