"""One handler per kind: frozen inputs in, blueprint, engine, and a status value out. No I/O of their own.

`port` is what the runtime gives and takes; a handler imports neither the runtime nor any SDK.
"""
