/* Python's stable interface; included before every other header, as Python asks. */
#ifndef QGRAPH_PYTHON_API_H
#define QGRAPH_PYTHON_API_H

#define PY_SSIZE_T_CLEAN
#ifndef Py_LIMITED_API
#define Py_LIMITED_API 0x030B0000
#endif
#include <Python.h>

#endif
