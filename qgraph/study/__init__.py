"""Studies: problems x solvers x seeds, stored as they end, on this machine's cores or on any Dask cluster."""
