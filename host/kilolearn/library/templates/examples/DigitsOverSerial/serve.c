/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Serves the training of the learner with this config. */
#include <apps/configs/digits.h>
#include <apps/serve.inc>
