/* SPDX-License-Identifier: GPL-3.0-or-later */
#define COMBINE MAJORITY
#include "apps/configs/ensemble-plane.h"
