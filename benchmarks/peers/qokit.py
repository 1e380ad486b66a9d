"""QOKit's C simulator: precomputed cost diagonal, in-place mixer. Double precision only.

Its wheel has the C sources and a library built from them without OpenMP and without optimisation for the
processor, under a name that its own loader does not look for. So that QOKit shows what it can do, its sources
are compiled here as its documentation says, with more optimisation, OpenMP and this processor's instructions.
"""

from __future__ import annotations

import ctypes
import importlib.util
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from cases import Case

    from peers import Expectation

FLAGS = ("-O3", "-march=native", "-ffast-math", "-fopenmp", "-fPIC", "-shared", "-w")
HEADERS = {  # left out of the wheel
    "diagonal.h": "void apply_diagonal(double*, double*, double, double* const, size_t);",
    "fur.h": "void furx_all(double*, double*, double, unsigned int, size_t);"
    "void furxy(double*, double*, double, unsigned int, unsigned int, size_t);"
    "void furxy_ring(double*, double*, double, unsigned int, size_t);"
    "void furxy_complete(double*, double*, double, unsigned int, size_t);",
    "qaoa_fur.h": "",
}


def install() -> ModuleType:
    """QOKit's simulators, without importing the rest of QOKit and the twenty packages that it needs."""
    spec = importlib.util.find_spec("qokit")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("QOKit is not installed")
    home = Path(spec.submodule_search_locations[0])
    package = ModuleType("qokit")
    package.__path__ = [str(home)]
    sys.modules["qokit"] = package
    with tempfile.TemporaryDirectory() as folder:
        for name, text in HEADERS.items():
            (Path(folder) / name).write_text(f"#include <stddef.h>\n{text}\n")
        library = Path(folder) / "libcsim.so"
        sources = [str(path) for path in sorted((home / "fur/c/csim/src").glob("*.c"))]
        command = ["gcc", *FLAGS, f"-I{folder}", *sources, "-lm", "-o", str(library)]
        subprocess.run(command, check=True)
        load = ctypes.cdll.LoadLibrary
        ctypes.cdll.LoadLibrary = lambda name: load(str(library) if Path(name).name == library.name else name)  # type: ignore[method-assign]
        try:
            import_module("qokit.fur.c.csim.lib")
        finally:
            ctypes.cdll.LoadLibrary = load  # type: ignore[method-assign]
    return import_module("qokit.fur")


class QOKit:
    packages = ("qokit", "numba")
    precisions = ("double",)

    def __init__(self) -> None:
        self.fur = install()

    def expectations(self, case: Case, precision: str) -> dict[str, Callable[[], Expectation]]:
        def prepare() -> Expectation:
            simulator = self.fur.QAOAFURXSimulatorC(case.n, costs=case.diagonal)
            gammas = [2 * gamma for gamma in case.gammas]  # its phases are exp(-i gamma C / 2)
            return lambda: float(simulator.get_expectation(simulator.simulate_qaoa(gammas, case.betas)))

        return {"QAOAFURXSimulatorC": prepare}


PEER = QOKit()
