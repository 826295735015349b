/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Learns a stream with a small Hoeffding tree.
 *
 * A sample walks from node 0 to a leaf, by feature and threshold. The leaf answers by its counts
 * (naive Bayes) and counts the sample. Every GRACE samples it looks whether the best cut leads the
 * second best feature's by Hoeffding's bound; or, when it has just been wrong, whether both are as
 * good. Then it becomes a fork with two fresh leaves (online/tree.h). When all leaves are in use
 * the forks stand and the leaves go on counting; counts are halved before they overflow, so that
 * old samples fade.
 */
#include "apps/checkpointed.h"
#include "apps/learner.h"
#include "apps/ranked.h"

#include <string.h>

#include "net/loss.h"
#include "online/tree.h"

#define NODES (2 * LEAVES - 1)
#define LEAF 255
#define HALVE_AT 255

typedef struct {
    uint8_t feature;   /* of a fork; or LEAF */
    uint8_t threshold; /* of a fork: x < threshold goes to `child`, others to `child + 1`;
                          of a leaf: its answer while it has counted nothing */
    uint8_t child;     /* of a leaf: the row of its counts */
} tree_node;

typedef struct {
    tree_node node[NODES];
    uint8_t leaves; /* in use */
    uint8_t seen[LEAVES];
    uint8_t count[LEAVES][LEARNER_INPUTS][TREE_BINS][LEARNER_CLASSES];
} network;

network net;
CHECKPOINTED(net, 0)

/* The box of the leaf that the last sample came to. */
static struct {
    uint8_t low[LEARNER_INPUTS];
    uint16_t width[LEARNER_INPUTS];
} box;

_Static_assert(LEARNER_INPUTS < LEAF && NODES < 255, "a feature and a node are a byte");
_Static_assert(GRACE >= 1 && GRACE < HALVE_AT / 2, "a leaf looks before its counts are halved");
_Static_assert(LEARNER_CLASSES <= 30, "a score must fit 16 bits");

/* A tree has no step size. */
void learner_set_rate(uint8_t shift) {
    (void)shift;
}

static void grow_leaf(uint8_t number, uint8_t row, uint8_t answer) {
    net.node[number] = (tree_node){.feature = LEAF, .threshold = answer, .child = row};
    net.seen[row] = 0;
    memset(net.count[row], 0, sizeof net.count[row]);
}

__attribute__((noinline)) void learner_reset(uint16_t seed) {
    (void)seed;
    memset(&net, 0, sizeof net);
    net.leaves = 1;
    grow_leaf(0, 0, 0);
}

/* Nodes that the host wrote may hold anything: what is no fork with both children behind it counts
 * as a leaf, so that each walk ends within the tree. */
static uint8_t is_fork(uint8_t at) {
    const tree_node *node = &net.node[at];
    return node->feature < LEARNER_INPUTS && node->child > at && node->child < NODES - 1;
}

static uint8_t row_of(uint8_t leaf) {
    uint8_t row = net.node[leaf].child;
    return row < LEAVES ? row : 0;
}

/* From the root to a leaf: its number. Leaves its box behind. */
static __attribute__((noinline)) uint8_t walk(const uint8_t *sample) {
    for (uint8_t i = 0; i < LEARNER_INPUTS; i++) {
        box.low[i] = 0;
        box.width[i] = LEARNER_INPUT_MAX + 1;
    }
    uint8_t at = 0;
    while (is_fork(at)) {
        const tree_node *node = &net.node[at];
        uint8_t i = node->feature;
        uint8_t lower = (uint8_t)(node->threshold - box.low[i]);
        at = node->child;
        if (sample[i] < node->threshold) {
            box.width[i] = lower;
        } else {
            box.low[i] = node->threshold;
            box.width[i] -= lower;
            at++;
        }
    }
    return at;
}

/* The whole samples of class k in a row: every feature counts each. */
static uint8_t counted(uint8_t row, uint8_t k) {
    uint8_t sum = 0;
    for (uint8_t b = 0; b < TREE_BINS; b++) {
        sum = (uint8_t)(sum + net.count[row][0][b][k]);
    }
    return sum;
}

/* The logarithm of a class's probability in a leaf, Q5, as if the features were independent of each
 * other within the class (naive Bayes; Gama, Rocha, Medas, KDD 2003):
 *
 *   log2(n[k] + 1) + sum over i of log2((count[i][bin of x[i]][k] + 1) / (n[k] + TREE_BINS)) */
static int16_t leaf_score(uint8_t row, const uint8_t *sample, uint8_t k) {
    uint8_t own = counted(row, k);
    int16_t score = log2_q8(own + 1) >> 3;
    int16_t all = log2_q8((uint16_t)(own + TREE_BINS)) >> 3;
    for (uint8_t i = 0; i < LEARNER_INPUTS; i++) {
        uint8_t bin = tree_bin(sample[i], box.low[i], box.width[i]);
        score += (log2_q8((uint16_t)(net.count[row][i][bin][k] + 1)) >> 3) - all;
    }
    return score;
}

static __attribute__((noinline)) void ask(ranking *rank, uint8_t leaf, const uint8_t *sample,
                                          uint8_t label) {
    uint8_t row = row_of(leaf);
    ranking_start(rank);
    for (uint8_t k = 0; k < LEARNER_CLASSES; k++) {
        int16_t score =
            net.seen[row] == 0 ? k == net.node[leaf].threshold : leaf_score(row, sample, k);
        ranking_add(rank, k, score, label);
    }
}

static void count(uint8_t row, const uint8_t *sample, uint8_t label) {
    if (net.seen[row] == HALVE_AT) {
        uint8_t *cell = &net.count[row][0][0][0];
        for (uint16_t left = sizeof net.count[row]; left != 0; left--) {
            *cell++ >>= 1;
        }
        net.seen[row] >>= 1;
    }
    net.seen[row]++;
    for (uint8_t i = 0; i < LEARNER_INPUTS; i++) {
        net.count[row][i][tree_bin(sample[i], box.low[i], box.width[i])][label]++;
    }
}

/* The class of most samples in bins from..to - 1 of a feature. */
static uint8_t most_frequent(uint8_t row, uint8_t i, uint8_t from, uint8_t to) {
    uint8_t most = 0, answer = 0;
    for (uint8_t k = 0; k < LEARNER_CLASSES; k++) {
        uint8_t sum = 0;
        for (uint8_t b = from; b < to; b++) {
            sum = (uint8_t)(sum + net.count[row][i][b][k]);
        }
        if (sum > most) {
            most = sum;
            answer = k;
        }
    }
    return answer;
}

static void split(uint8_t number, uint8_t i, uint8_t bin) {
    uint8_t row = row_of(number);
    uint8_t children = (uint8_t)(2 * net.leaves - 1);
    uint8_t lower = most_frequent(row, i, 0, bin);
    uint8_t upper = most_frequent(row, i, bin, TREE_BINS);
    net.node[number] =
        (tree_node){.feature = i,
                    .threshold = (uint8_t)(box.low[i] + tree_below(box.width[i], bin)),
                    .child = children};
    grow_leaf(children, row, lower);
    grow_leaf(children + 1, net.leaves, upper);
    net.leaves++;
}

/* A leaf becomes a fork, or not yet. */
static __attribute__((noinline)) void consider(uint8_t number, uint8_t wrong) {
    uint8_t row = row_of(number);
    tree_cut best = {0, 0};
    uint16_t second = 0; /* of another feature, or of no split at all */
    uint8_t feature = 0;
    for (uint8_t i = 0; i < LEARNER_INPUTS; i++) {
        if (box.width[i] < TREE_BINS) {
            continue;
        }
        tree_cut cut = tree_best_cut(&net.count[row][i][0][0], LEARNER_CLASSES);
        if (cut.gain > best.gain) {
            second = best.gain;
            best = cut;
            feature = i;
        } else if (cut.gain > second) {
            second = cut.gain;
        }
    }
    uint8_t n = net.seen[row];
    uint16_t bound = hoeffding_bound(n, BOUND);
    uint8_t tie = wrong && bound < (uint16_t)(n * TIE);
    if (best.gain != 0 && (best.gain - second > bound || tie)) {
        split(number, feature, best.bin);
    }
}

__attribute__((noinline)) learner_answer learner_infer(const uint8_t *sample) {
    ranking rank;
    uint8_t number = walk(sample);
    ask(&rank, number, sample, NO_LABEL);
    return answer_without_label(&rank);
}

__attribute__((noinline)) learner_answer learner_train(const uint8_t *sample, uint8_t label) {
    ranking rank;
    uint8_t number = walk(sample);
    uint8_t row = row_of(number);
    ask(&rank, number, sample, label);
    count(row, sample, label);
    uint8_t n = net.seen[row];
    if (n % GRACE == 0 && (uint8_t)(net.leaves - 1) < LEAVES - 1) {
        consider(number, rank.best != label);
    }
    return answer_to(&rank, label);
}

uint8_t *learner_weights(void) {
    return (uint8_t *)&net;
}

uint16_t learner_weights_size(void) {
    return sizeof net;
}
