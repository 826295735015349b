/* SPDX-License-Identifier: GPL-3.0-or-later */
/* recording.h  what is kept while a run is recorded: a tree of calls, and changes with their
 * cycles. It observes: a snapshot does not hold it, and restoring one only finds the open calls
 * anew. */
#ifndef PYAVR_SIM_RECORDING_H
#define PYAVR_SIM_RECORDING_H

#include "engine.h"

enum {
    CALL_PATH_MAX = 256,                 /* calls in one another that get nodes */
    CALL_SLOTS = 4 * SIM_CALL_NODES_MAX, /* of the hash table */
};

typedef struct {
    sim_change *changes; /* (SIM_CHANGES_MAX,) */
    uint32_t count;
    uint64_t dropped;
} change_log;

struct recording {
    sim_call_node *nodes; /* (SIM_CALL_NODES_MAX,) a parent before its children; 0: the start */
    uint32_t nodes_count;
    uint32_t *slots;             /* (CALL_SLOTS,) hash table into nodes; 0: free */
    uint32_t *node_of;           /* (SIM_FRAMES_MAX + 1,) the node of each frame */
    uint32_t node;               /* of the innermost frame: gets the cycles */
    uint64_t since;              /* the cycle up to which cycles have been given out */
    uint64_t merged;             /* calls without a node of their own */
    change_log flow;             /* calls, returns, SP */
    change_log levels;           /* pins, bytes of variables */
    uint8_t *watched;            /* (SIM_DATA_BYTES,) whose stores are written down */
    uint8_t pins[SIM_PORTS_MAX]; /* levels of each port as last written down */
};

/* recording.c */
void note_change(change_log *log, sim_change change);

/* call_tree.c */
void call_tree_charge(recording *r, uint64_t cycle); /* the cycles since the last time */

#endif
