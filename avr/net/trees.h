/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decision trees in flash, as bytes that a loop walks, each in preorder:
 *
 *   decision   feature, cut; then the tree for sample[feature] < cut, then the other one
 *   leaf       width + class
 *
 * No place is named: what the sample does not lead to is read, and passed over. */
#ifndef NET_TREES_H
#define NET_TREES_H

#include <stdint.h>

#include "fixed/flash.h"
#include "fixed/kernel.h"

/* Returns the class of one tree's leaf, and moves node on behind the tree.
 * sample (width,), width + classes 1..255, depth at most 254. */
KERNEL uint8_t trees_leaf(const uint8_t **node, const uint8_t *sample, uint8_t width) {
    uint8_t leaf = 0;
    uint8_t open = 1;     /* trees that began, or follow from a decision, and have not been read */
    uint8_t counting = 1; /* how many are open when the next node that counts comes */
    do {
        uint8_t what = flash_u8(node);
        if (what < width) {
            uint8_t cut = flash_u8(node);
            uint8_t counts = open == counting;
            open++;
            if (counts && sample[what] < cut) {
                counting = open;
            }
        } else {
            if (open == counting) {
                leaf = what - width;
                counting = 0;
            }
            open--;
        }
    } while (open != 0);
    return leaf;
}

/* Returns the class that most of the trees, 1..255, name; of equal ones the first.
 * votes (classes,) is for the count. */
KERNEL uint8_t trees_vote(uint8_t *votes, const uint8_t *node, uint8_t trees, const uint8_t *sample,
                          uint8_t width, uint8_t classes) {
    for (uint8_t class = 0; class < classes; class ++) {
        votes[class] = 0;
    }
    uint8_t most = 0;
    uint8_t answer = 0;
    do {
        votes[trees_leaf(&node, sample, width)]++;
    } while (--trees != 0);
    for (uint8_t class = 0; class < classes; class ++) {
        if (votes[class] > most) {
            most = votes[class];
            answer = class;
        }
    }
    return answer;
}

#endif
