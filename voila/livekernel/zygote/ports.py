"""The names of a forked kernel's sockets: ``k-<number>`` in its folder, as Jupyter's ipc has it."""

PORTS = {"shell": 1, "iopub": 2, "stdin": 3, "control": 4, "hb": 5}
