/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A perceptron of 8-bit weights with three hidden units. */
#include <apps/configs/mlp-xor3.h>
#include <apps/mlp.inc>
