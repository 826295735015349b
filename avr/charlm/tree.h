/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The binary code tree: a symbol is the decisions from the root to its leaf. Node 0 is the root.
 * A model's TREE_TABLES are tree_tables.h, made for English as two texts have it, or
 * tree_sounds_tables.h, made from what kind of sound a letter is. */
#ifndef CHARLM_TREE_H
#define CHARLM_TREE_H

#ifndef TREE_TABLES
#define TREE_TABLES "charlm/tree_tables.h"
#endif
#include TREE_TABLES

#define TREE_LEAF 128 /* a child from here on is TREE_LEAF + symbol */
#define TREE_END 1    /* a path that has come to its end, or none */

_Static_assert(NODES < TREE_LEAF, "nodes and leaves are told apart by one bit");
_Static_assert(TREE_DEPTH <= 15, "a path and its end are held in 16 bits");

/* The decisions of a symbol, the root's in bit 0, and TREE_END above the last. */
SHARED uint16_t tree_path(uint8_t symbol) {
    uint8_t above = tree_leaf_above[symbol]; /* node * 2 + decision */
    uint16_t path = TREE_END << 1 | (above & 1);
    while (above >>= 1) {
        above = tree_node_above[above];
        path = (uint16_t)(path << 1 | (above & 1));
    }
    return path;
}

#endif
