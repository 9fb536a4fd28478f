"""A kernel's environment is little."""

from livekernel.environment import THREADS, for_kernel


def test_nothing_but_what_is_named_goes_on() -> None:
    server = {
        "PATH": "/usr/bin",
        "HOME": "/home/x",
        "SECRET_KEY": "s",
        "JUPYTER_TOKEN": "t",
        "http_proxy": "p",
    }
    made = for_kernel(server)
    assert made["PATH"] == "/usr/bin"
    assert made["HOME"] == "/home/x"
    assert not {"SECRET_KEY", "JUPYTER_TOKEN", "http_proxy"} & set(made)


def test_one_thread_for_each_library() -> None:
    made = for_kernel({"OMP_NUM_THREADS": "16"})
    assert {made[name] for name in THREADS} == {"1"}


def test_figures_are_drawn_inline_unless_the_operator_says_otherwise() -> None:
    assert "matplotlib_inline" in for_kernel({})["MPLBACKEND"]
    assert for_kernel({"MPLBACKEND": "agg"})["MPLBACKEND"] == "agg"
