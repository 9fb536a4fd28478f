"""The live cells' front end as tests take it: its Node, its own tests, and parts of it as modules."""

import subprocess
from pathlib import Path

from blog.convert.katex_process import node

FOLDER = Path(__file__).parents[2] / "voila" / "frontend"


def run_node(*arguments: str | Path, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run Node in the front end's folder; ``given`` is what it reads."""
    program = node()
    assert program, "there is no Node"
    command = [program, *map(str, arguments)]
    return subprocess.run(command, cwd=FOLDER, input=given, capture_output=True, text=True, check=False)


def bundled(source: str, out: Path) -> str:
    """Give one source file with all that it imports as one module."""
    esbuild = FOLDER / "node_modules" / "esbuild" / "bin" / "esbuild"
    done = run_node(
        esbuild, f"src/{source}", "--bundle", "--format=esm", f"--outfile={out}", "--log-level=warning"
    )
    assert done.returncode == 0, done.stderr
    return out.read_text(encoding="utf-8")
