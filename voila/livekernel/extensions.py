"""Which of JupyterLab's extensions a page needs: not those that only draw what its notebook can't put out.

Voila's front end loads every extension that is installed, before it shows anything. plotly's is a renderer of
its outputs alone, and is a third of all that a page loads (4.8 MB).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jupyterlab_server.config import get_federated_extensions


def needed(
    extensions: Sequence[dict[str, Any]], imported: frozenset[str], folders: Sequence[str]
) -> list[dict[str, Any]]:
    """Give those of a page's extensions that a notebook may have something to show with.

    ``extensions`` are those of JupyterLab's page configuration, ``imported`` the top-level packages that the
    notebook has imported, ``folders`` those of the installed extensions, whose ``install.json`` names the
    Python package that each came with (jupyterlab.readthedocs.io, "Distributing a prebuilt extension"). One
    that brings widgets or a plugin, or doesn't say where it is from, is always needed.
    """
    found = get_federated_extensions(list(folders))

    def is_needed(extension: dict[str, Any]) -> bool:
        if "extension" in extension or "mimeExtension" not in extension:
            return True
        package = found.get(extension["name"], {}).get("install", {}).get("packageName")
        return package is None or package.replace("-", "_") in imported

    return [extension for extension in extensions if is_needed(extension)]
