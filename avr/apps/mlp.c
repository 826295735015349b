/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A multi-layer perceptron of any depth that fits: the config lists its layers.
 *
 *   s[l][o] = (sum over i of w[l][o][i] * a[l-1][i] + w[l][o][inputs] * ONE) / 2^shift[l]
 *   a[l][o] = activation(s[l][o]) in hidden layers (net/unit.h); scores in the last
 *   a[-1]   = the sample
 *
 * Backward, with d the derivative of the loss by s, in place of the activations:
 *   d[l-1][i] = a'[l-1][i] * sum over o of d[l][o] * w[l][o][i] / 2^DELTA_SHIFT
 *   w[l][o][i] -= d[l][o] * a[l-1][i] / 2^step[l]
 * Column by column: when the weights that leave unit i have moved, its activation is needed no more
 * and its delta takes its place. So one byte a unit is all that training takes beyond the weights.
 * Every rounding on the way back is stochastic: the mean step is down the gradient at any depth.
 *
 * The config states
 *   LAYERS(LAYER)     LAYER(name, source, units, shift, step) one by one, the first from `sample`,
 *                     the last named `output`; steps 8..14: 2^-step of a gradient at full rate
 *   WEIGHT_BITS       8: int8; 16: int16 with 8 more bits of fraction
 *   ACTIVATION        RECTIFIER, LEAKY or SIGMOID, and ACTIVATION_BITS 4..7
 *   LOSS              HINGE with MARGIN (net/loss.h); SOFTMAX, scores Q4; SQUARED of sigmoids,
 *                     scores Q8. The last two take soft targets: LEARNER_TAUGHT.
 *   ONE               what a bias sees
 *   START             fresh weights are uniform in -START..START - 1
 */
#include "apps/checkpointed.h"
#include "apps/learner.h"
#include "apps/ranked.h"

#include "fixed/dot.h"
#include "net/loss.h"
#include "net/sgd.h"
#include "net/softmax.h"
#include "net/unit.h"

#define HINGE 1
#define SOFTMAX 2
#define SQUARED 3

#define CERTAIN 255

#if WEIGHT_BITS == 16
typedef int16_t weight_type;
#define FRACTION 8 /* bits of a weight behind the point */
#define NET_DOT(weight, input, count) dot_i16(weight, input, count, ACTIVE_BITS)
#else
typedef int8_t weight_type;
#define FRACTION 0
#define NET_DOT(weight, input, count)                                                              \
    dot_i8(weight, input, count, ACTIVE_BITS, DOT_CHUNK((1 << ACTIVE_BITS) - 1))
#endif

/* Samples and activations go through the same product. */
#define ACTIVE_BITS (LEARNER_INPUT_BITS > ACTIVATION_BITS ? LEARNER_INPUT_BITS : ACTIVATION_BITS)
#define DELTA_SHIFT 7
#define HINGE_DELTA 64

enum { sample_units = LEARNER_INPUTS };
#define UNITS_OF(name, source, units, shift, step) enum { name##_units = (units) };
// cppcheck-suppress unknownMacro ; the config states it
LAYERS(UNITS_OF)

typedef struct {
#define WEIGHTS_OF(name, source, units, shift, step)                                               \
    struct {                                                                                       \
        weight_type weight[name##_units][source##_units + 1]; /* each row's last is its bias */    \
    } name;
    LAYERS(WEIGHTS_OF)
} network;

network net;

typedef struct {
    uint8_t inputs, outputs, shift, step;
} layer;

static IN_FLASH layer layers[] = {
#define LAYER_OF(name, source, units, shift, step) {source##_units, units, shift, step},
    LAYERS(LAYER_OF)};

#define DEPTH (sizeof layers / sizeof *layers)
#define SUM_UNITS(name, source, units, shift, step) +(units)
#define SUM_SOURCES(name, source, units, shift, step) +source##_units
enum { all_units = LAYERS(SUM_UNITS) };

static uint8_t unit[all_units]; /* activations of all layers; on the way back, deltas */
static uint16_t noise;
static uint8_t slower;
CHECKPOINTED(net, &noise)

_Static_assert(output_units == LEARNER_CLASSES, "the layer `output` has a unit a class");
_Static_assert((LAYERS(SUM_SOURCES)) == sample_units + all_units - output_units,
               "each layer's source is the one before it");
#define FITS(name, source, units, shift, step)                                                     \
    _Static_assert((step) >= 8 && (step) <= STEP_SHIFT_MAX, "a step starts at a shift of 8..14");  \
    _Static_assert((shift) + FRACTION <= 16, "a shift and the weights' fraction fit 16 bits");
LAYERS(FITS)
_Static_assert(LEARNER_INPUT_MAX < 1 << LEARNER_INPUT_BITS, "an input must fit its bits");
_Static_assert(ACTIVE_BITS <= 7 && ONE < 128, "a gradient and its noise must fit 16 bits");
_Static_assert(LOSS == HINGE || CERTAIN >= LEARNER_CLASSES, "a softmax sums in 16 bits");

void learner_set_rate(uint8_t shift) {
    slower = shift;
}

__attribute__((noinline)) void learner_reset(uint16_t seed) {
    weight_type *weight = (weight_type *)&net;
    noise = noise_start(seed);
    for (uint16_t count = sizeof net / sizeof *weight; count != 0; count--) {
        *weight++ = (weight_type)(start_weight(START, &noise) * (1 << FRACTION));
    }
    slower = 0;
}

/* An output's unit holds its score in a byte, for the losses that look at all of them. */
static uint8_t score_unit(int16_t score) {
    return LOSS == SQUARED ? sigmoid_q8(score) : (uint8_t)saturate_i8(score, INT8_MAX);
}

/* sample (inputs,) -> unit (all_units,) and the two best classes. */
static __attribute__((noinline)) void forward(const uint8_t *sample, ranking *rank, uint8_t label) {
    const weight_type *weight = (const weight_type *)&net;
    const uint8_t *input = sample;
    uint8_t *output = unit;
    ranking_start(rank);
    for (IN_FLASH layer *l = layers; l != layers + DEPTH; l++) {
        for (uint8_t o = 0; o < l->outputs; o++) {
            int32_t sum = NET_DOT(weight, input, l->inputs);
            weight += l->inputs;
            sum += (int32_t)*weight++ * ONE;
            int16_t s = saturate_i16(sum >> (l->shift + FRACTION), SCORE_MAX);
            if (l == layers + DEPTH - 1) {
                output[o] = score_unit(s);
                ranking_add(rank, o, s, label);
            } else {
                output[o] = unit_activate(s, ACTIVATION, ACTIVATION_BITS);
            }
        }
        input = output;
        output += l->outputs;
    }
}

#if WEIGHT_BITS == 16
static void step_down(weight_type *weight, int16_t gradient, const step_size *step) {
    sgd_i16(weight, gradient, step, &noise);
}
uint16_t learner_weights_at_limit(void) {
    return at_limit_i16((const int16_t *)&net, sizeof net / 2, INT16_MAX);
}
#else
static void step_down(weight_type *weight, int16_t gradient, const step_size *step) {
    sgd_i8(weight, gradient, step, &noise, INT8_MAX);
}
uint16_t learner_weights_at_limit(void) {
    return at_limit_i8((const int8_t *)&net, sizeof net, INT8_MAX);
}
#endif

/* The step of a layer: 2^-shift of the gradient, in units of a weight. */
static step_size step_of(IN_FLASH layer *l) {
    step_size step = step_size_of(l->step, slower);
    step.shift -= FRACTION;
    step.mask >>= FRACTION;
    return step;
}

/* d[i] from a[i] and sum over o of d[o] * w[o][i]. */
static uint8_t delta_through(uint8_t activation, int32_t sum) {
    uint8_t slope = unit_slope(activation, ACTIVATION, ACTIVATION_BITS);
    if (slope == 0 || sum == 0) {
        return 0;
    }
    sum = round_stochastic_i32((sum >> FRACTION) * slope, noise_next(&noise),
                               round_mask(DELTA_SHIFT + 6), DELTA_SHIFT + 6);
    return (uint8_t)saturate_i8(saturate_i16(sum, INT8_MAX), INT8_MAX);
}

/* One step down, for the sample that `unit` was computed from, its output units now deltas. */
static __attribute__((noinline)) void backward(const uint8_t *sample) {
    weight_type *weight = (weight_type *)(&net + 1);
    const uint8_t *delta = unit + all_units;
    for (uint8_t l = DEPTH; l-- != 0;) {
        uint8_t inputs = layers[l].inputs, outputs = layers[l].outputs;
        step_size step = step_of(&layers[l]);
        weight -= (uint16_t)outputs * (inputs + 1U);
        delta -= outputs;
        for (uint8_t i = 0; i <= inputs; i++) {
            uint8_t *source = l == 0 ? (uint8_t *)0 : (uint8_t *)delta - inputs + i;
            uint8_t x = i == inputs ? ONE : l == 0 ? sample[i] : *source;
            weight_type *w = weight + i;
            int32_t sum = 0;
            for (uint8_t o = 0; o < outputs; o++, w += inputs + 1) {
                int8_t d = (int8_t)delta[o];
                if (d != 0) {
                    if (l != 0) {
                        sum += (int32_t)*w * d;
                    }
                    step_down(w, (int16_t)(d * (int16_t)x), &step);
                }
            }
            if (l != 0 && i != inputs) {
                *source = delta_through(x, sum);
            }
        }
    }
}

#if LOSS == HINGE
/* The last layer's deltas; 0 when the margin is met and there is nothing to learn. */
static uint8_t hinge(const ranking *rank, uint8_t label) {
    uint8_t *delta = unit + all_units - output_units;
    if (ranking_margin(rank, label) >= MARGIN) {
        return 0;
    }
    for (uint8_t k = 0; k < output_units; k++) {
        delta[k] = 0;
    }
    delta[label] = (uint8_t)-HINGE_DELTA;
    delta[ranking_rival(rank, label)] = HINGE_DELTA;
    return 1;
}
#else
/* The last layer's deltas, in place of its scores: (out - target) / 2, and for the squared loss
 * times the sigmoid's slope, stochastically rounded. target (classes,) Q8, or NULL for 1 at the
 * label and 0 elsewhere. 0 when every delta is. */
static uint8_t soft_loss(uint8_t label, const uint8_t *target) {
    uint8_t *out = unit + all_units - output_units;
    uint8_t any = 0;
    if (LOSS == SOFTMAX) {
        softmax(out, output_units);
    }
    for (uint8_t k = 0; k < output_units; k++) {
        uint8_t wanted = target ? target[k] : k == label ? CERTAIN : 0;
        int16_t slope = LOSS == SQUARED ? sigmoid_slope_q8(out[k]) : 64;
        int16_t error = (int16_t)((out[k] - (int16_t)wanted) * slope);
        if (error != 0) {
            error = (int16_t)(error + (int16_t)(noise_next(&noise) & 127)) >> 7;
        }
        out[k] = (uint8_t)saturate_i8(error, INT8_MAX);
        any |= out[k];
    }
    return any;
}
#endif

__attribute__((noinline)) learner_answer learner_infer(const uint8_t *sample) {
    ranking rank;
    forward(sample, &rank, NO_LABEL);
    return answer_without_label(&rank);
}

__attribute__((noinline)) learner_answer learner_train(const uint8_t *sample, uint8_t label) {
    ranking rank;
    forward(sample, &rank, label);
#if LOSS == HINGE
    uint8_t wrong = hinge(&rank, label);
#else
    uint8_t wrong = soft_loss(label, 0);
#endif
    if (wrong) {
        backward(sample);
    }
    return answer_to(&rank, label);
}

#ifdef LEARNER_TAUGHT
/* noclone: its one caller's arguments are constants, and a copy made for them has another name. */
__attribute__((noinline, noclone)) learner_answer
learner_teach(const uint8_t *sample, const uint8_t *target, uint8_t label) {
    ranking rank;
    forward(sample, &rank, label);
    if (soft_loss(label, target)) {
        backward(sample);
    }
    return answer_to(&rank, label);
}
#endif

uint8_t *learner_weights(void) {
    return (uint8_t *)&net;
}

uint16_t learner_weights_size(void) {
    return sizeof net;
}
