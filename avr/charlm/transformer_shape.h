/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sizes of a transformer, from the numbers of its table header: WIDTH, HEADS, LAYERS, the
 * largest window and the sum of all, RESIDUAL_LIMIT and NORM_ROOT.
 */
#ifndef CHARLM_TRANSFORMER_SHAPE_H
#define CHARLM_TRANSFORMER_SHAPE_H

#include "charlm/attend.h"
#include "fixed/flash.h"

#define ALPHABET 65
#define SYMBOLS (ALPHABET + 1) /* the last: a byte that is not of the alphabet */
#define SYMBOL_ESCAPE ALPHABET
#define PLACES 3                 /* the last characters that are embedded */
#define EMBEDDED (1 + WIDTH / 2) /* bytes: a row's factor and its levels */
#define SETTLED (1 + WIDTH)      /* a scale and gains */

_Static_assert(WIDTH % 8 == 0 && WIDTH <= 64, "the kernels take eight at once");
_Static_assert(PLACES *ALPHABET <= 255, "rows of the embedding are counted in a byte");
_Static_assert((1LL << 32) > (long long)RESIDUAL_LIMIT * RESIDUAL_LIMIT * WIDTH,
               "a sum of squares must fit 32 bits");

#endif
