"""Watch what kernels take and tell it: figures of the system, a judgement of them, reports, a journal.

Nothing here starts, ends or knows a kernel: what runs is handed in as numbers or as a :class:`Report`. So
any way of making kernels can use it, and nothing of the package but its errors is imported
(import-linter holds it). The modules:

- :mod:`.memory` and :mod:`.groups` ask Linux, :mod:`.guardian` judges one kernel,
- :mod:`.report` says in one value what runs; :mod:`.metrics` and :mod:`.admin` give it to operators,
- :mod:`.journal` writes what happens to sessions, a line each.
"""
