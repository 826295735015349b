/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The arithmetic of a Hoeffding tree: bins, gains, and whether they suffice for a split.
 *
 * A leaf sees a box of the inputs, low[i] <= x[i] < low[i] + width[i], and counts its samples by
 * feature, bin and class; a bin is a TREE_BINS-th of the box, so that bins get finer as boxes get
 * smaller. Cut between bins b - 1 and b, a feature gains
 *
 *   gain = H(all bins) - H(bins < b) - H(bins >= b)
 *   H    = n log2 n - sum over k of n[k] log2 n[k]       (n[k] samples of class k, n of all)
 *
 * bits times samples, Q4: everything is n times what the books print, and nothing is divided.
 * The best feature is taken for the best indeed when it leads the second best by Hoeffding's bound:
 *
 *   n * epsilon = sqrt(n * R^2 ln(1 / delta) / 2),   R = log2(classes)
 *
 * Source: Domingos, Hulten, Mining high-speed data streams, KDD 2000 (VFDT); H as sums of x log x:
 * Quinlan, C4.5 (1993).
 */
#ifndef ONLINE_TREE_H
#define ONLINE_TREE_H

#include <stdint.h>

#include "fixed/kernel.h"
#include "fixed/log2.h"
#include "fixed/root.h"

#define TREE_BINS 4

/* floor((x - low) * TREE_BINS / width), x within the box. width 1..256. */
SHARED uint8_t tree_bin(uint8_t x, uint8_t low, uint16_t width) {
    uint16_t at = (uint16_t)((uint8_t)(x - low) * TREE_BINS);
    uint8_t bin = 0;
    for (; at >= width && bin < TREE_BINS - 1; bin++) {
        at -= width;
    }
    return bin;
}

/* The width of the bins below `bin`: x - low is less than it exactly where tree_bin < bin. */
static inline uint16_t tree_below(uint16_t width, uint8_t bin) {
    return (uint16_t)((uint16_t)(width * bin + TREE_BINS - 1) / TREE_BINS);
}

/* H of a range of bins, Q4. count (TREE_BINS, classes); the sum of all counts is at most 255. */
SHARED uint16_t tree_entropy(const uint8_t *count, uint8_t from, uint8_t to, uint8_t classes) {
    uint16_t parts = 0;
    uint8_t all = 0;
    for (uint8_t k = 0; k < classes; k++) {
        uint8_t own = 0;
        for (uint8_t b = from; b < to; b++) {
            own = (uint8_t)(own + count[b * classes + k]);
        }
        all = (uint8_t)(all + own);
        parts = (uint16_t)(parts + x_log2_x_q4(own));
    }
    uint16_t whole = x_log2_x_q4(all);
    return whole > parts ? whole - parts : 0;
}

typedef struct {
    uint16_t gain; /* Q4 */
    uint8_t bin;   /* 1..TREE_BINS - 1: the first bin of the upper side */
} tree_cut;

/* The best cut of one feature. count (TREE_BINS, classes). Equal gains: the lowest cut. */
SHARED tree_cut tree_best_cut(const uint8_t *count, uint8_t classes) {
    uint16_t whole = tree_entropy(count, 0, TREE_BINS, classes);
    tree_cut best = {0, 1};
    for (uint8_t bin = 1; bin < TREE_BINS; bin++) {
        uint16_t sides = tree_entropy(count, 0, bin, classes);
        sides = (uint16_t)(sides + tree_entropy(count, bin, TREE_BINS, classes));
        if (sides < whole && whole - sides > best.gain) {
            best.gain = whole - sides;
            best.bin = bin;
        }
    }
    return best;
}

/* n * epsilon, Q4. bound = 256 R^2 ln(1 / delta) / 2. */
static inline uint16_t hoeffding_bound(uint8_t n, uint16_t bound) {
    return root_u32((uint32_t)n * bound);
}

#endif
