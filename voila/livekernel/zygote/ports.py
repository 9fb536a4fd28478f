"""The names of a forked kernel's sockets: in its folder, ``k-<number>``, as Jupyter's ipc transport has it."""

PORTS = {"shell": 1, "iopub": 2, "stdin": 3, "control": 4, "hb": 5}
