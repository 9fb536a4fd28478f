"""The server's side of the zygotes: starts them, knows their generations, asks them for readers' kernels.

:class:`~livekernel.engine.engine.Engine` is the whole of it for the server; a kernel is made by
:class:`~livekernel.engine.provisioner.ForkProvisioner` through Jupyter's own interface for that. Nothing here
knows Voila.
"""
