"""The processes from which readers' kernels are forked: a root with the libraries, one for each notebook.

Run as ``python -m livekernel.zygote`` by :mod:`livekernel.engine`, never imported by it. One thread, no
event loop, no ØMQ context until a reader's kernel has been forked: what holds a lock at a fork holds it
for ever.
"""
