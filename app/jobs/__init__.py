"""Background work. The row in `jobs` is the message, written in the transaction that causes the work.

A worker takes a job under a lease; if the worker dies the lease runs out and another takes it, so a handler may run
twice and must bear it. A handler that raises is tried again later, and after MOST_ATTEMPTS is kept as dead, unless it
raises that somebody else is away (errors.Unready). Handlers live in their domains; app.worker names them all.
"""
