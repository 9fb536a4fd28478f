"""Live kernels for Voila: a reader's session starts by a request that only their own page can make."""
