/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
#ifndef SHIM_MINMAX_H
#define SHIM_MINMAX_H

#define min(a, b) ({ __typeof__(a) _a = (a); __typeof__(b) _b = (b); _a < _b ? _a : _b; })

#endif
