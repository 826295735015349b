/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A running mean and deviation for each sensor. */
#include "config.h"
#include <apps/anomaly.inc>
