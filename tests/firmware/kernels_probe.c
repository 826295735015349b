/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernels of avr/fixed, avr/net and avr/online as plain functions, for tests through cffi.
 * Sizes are arguments here and constants in an app. */
#include "fixed/dot.h"
#include "fixed/log2.h"
#include "fixed/noise.h"
#include "fixed/root.h"
#include "fixed/round.h"
#include "fixed/saturate.h"
#include "fixed/sigmoid.h"
#include "net/activation.h"
#include "net/columns.h"
#include "net/convolution.h"
#include "net/dense.h"
#include "net/loss.h"
#include "net/pooling.h"
#include "net/sgd.h"
#include "online/replay.h"
#include "online/tree.h"

int8_t probe_saturate_i8(int16_t value, int8_t limit) {
    return saturate_i8(value, limit);
}
int16_t probe_saturate_i16(int32_t value, int16_t limit) {
    return saturate_i16(value, limit);
}
uint32_t probe_saturations(void) {
    return (uint32_t)saturations;
}
void probe_forget_saturations(void) {
    saturations = 0;
}
uint16_t probe_noise_start(uint16_t seed) {
    return noise_start(seed);
}
uint16_t probe_noise_next(uint16_t *state) {
    return noise_next(state);
}
uint16_t probe_round_mask(uint8_t shift) {
    return round_mask(shift);
}

int8_t probe_round(int16_t value, uint16_t noise, uint8_t shift) {
    return round_stochastic(value, noise, round_mask(shift), shift);
}

int32_t probe_round_i32(int32_t value, uint16_t noise, uint8_t shift) {
    return round_stochastic_i32(value, noise, round_mask(shift), shift);
}

uint16_t probe_add_product(uint16_t sum, int8_t weight, uint8_t input, uint8_t bits) {
    return add_product_i8(sum, weight, input, bits);
}

int32_t probe_dot_i8(const int8_t *weight, const uint8_t *input, uint8_t count, uint8_t bits,
                     uint8_t chunk) {
    return dot_i8(weight, input, count, bits, chunk);
}

int32_t probe_dot_i16(const int16_t *weight, const uint8_t *input, uint8_t count, uint8_t bits) {
    return dot_i16(weight, input, count, bits);
}

uint8_t probe_dot_chunk(uint8_t input_max) {
    return DOT_CHUNK(input_max);
}
uint16_t probe_root(uint32_t value) {
    return root_u32(value);
}
uint8_t probe_sigmoid(int16_t x) {
    return sigmoid_q8(x);
}
uint8_t probe_sigmoid_slope(uint8_t y) {
    return sigmoid_slope_q8(y);
}

uint8_t probe_rectify(int16_t sum, uint8_t shift, uint8_t ceiling) {
    return rectify(sum, shift, ceiling);
}

uint8_t probe_rectify_slope(uint8_t out, uint8_t ceiling) {
    return rectify_slope(out, ceiling);
}
int16_t probe_rectify_leaky(int16_t sum, uint8_t leak) {
    return rectify_leaky(sum, leak);
}

int16_t probe_rectify_leaky_back(int16_t gradient, int16_t out, uint8_t leak) {
    return rectify_leaky_back(gradient, out, leak);
}

int8_t probe_squared_gradient(uint8_t out, uint8_t target) {
    return squared_gradient(out, target);
}
int8_t probe_margin_delta(int8_t label, int8_t rival) {
    return margin_delta(label, rival);
}

void probe_step_size(uint8_t base, uint8_t slower, uint16_t *mask, uint8_t *shift) {
    step_size step = step_size_of(base, slower);
    *mask = step.mask;
    *shift = step.shift;
}

/* best, second, rival, margin of scores (count,) */
void probe_rank(const int16_t *scores, uint8_t count, uint8_t label, int16_t *out) {
    ranking rank;
    ranking_start(&rank);
    for (uint8_t k = 0; k < count; k++) {
        ranking_add(&rank, k, scores[k], label);
    }
    out[0] = rank.best;
    out[1] = rank.second;
    out[2] = ranking_rival(&rank, label);
    out[3] = ranking_margin(&rank, label);
}

int8_t probe_sgd_i8(int8_t weight, int16_t gradient, uint8_t shift, uint16_t *noise, int8_t limit) {
    step_size step = step_size_of(shift, 0);
    sgd_i8(&weight, gradient, &step, noise, limit);
    return weight;
}

int16_t probe_sgd_i16(int16_t weight, int32_t gradient, uint8_t shift, uint16_t *noise) {
    step_size step = step_size_of(shift, 0);
    sgd_i16(&weight, gradient, &step, noise);
    return weight;
}

int8_t probe_start_weight(uint8_t half, uint16_t *noise) {
    return start_weight(half, noise);
}

int16_t probe_dense_sum(const int8_t *weight, const uint8_t *input, uint8_t inputs, uint8_t one,
                        uint8_t bits) {
    return dense_sum(weight, input, inputs, one, bits);
}

int16_t probe_dense_score(const int8_t *weight, const uint8_t *input, uint8_t inputs, uint8_t bits,
                          uint8_t chunk, uint8_t shift) {
    return dense_score(weight, input, inputs, bits, chunk, shift);
}

void probe_dense_backward(int8_t *weight, const uint8_t *input, uint8_t inputs, uint8_t one,
                          int8_t delta, uint8_t shift, uint16_t *noise, int8_t limit) {
    step_size step = step_size_of(shift, 0);
    dense_backward(weight, input, inputs, one, delta, &step, noise, limit);
}

void probe_margin_step(int8_t *label, int8_t *rival, const uint8_t *input, uint8_t inputs,
                       uint8_t shift, uint16_t *noise, int8_t limit) {
    step_size step = step_size_of(shift, 0);
    margin_step(label, rival, input, inputs, &step, noise, limit);
}

uint8_t probe_convolution_limit(uint8_t kernel, uint8_t input_max) {
    return (uint8_t)CONVOLUTION_LIMIT(kernel, input_max);
}

void probe_convolution_forward(uint8_t *out, const int8_t *weight, const uint8_t *image,
                               uint8_t kernel, uint8_t stride, uint8_t one, uint8_t bits,
                               uint8_t shift, uint8_t ceiling) {
    convolution_forward(out, weight, image, kernel, stride, one, bits, shift, ceiling);
}

void probe_convolution_backward(int8_t *weight, const uint8_t *image, const int8_t *delta,
                                uint8_t kernel, uint8_t stride, uint8_t one, uint8_t bits,
                                uint8_t shift, uint16_t *noise, int8_t limit) {
    step_size step = step_size_of(shift, 0);
    convolution_backward(weight, image, delta, kernel, stride, one, bits, &step, noise, limit);
}

uint16_t probe_log2_q8(uint16_t x) {
    return log2_q8(x);
}
uint16_t probe_x_log2_x_q4(uint8_t x) {
    return x_log2_x_q4(x);
}
uint16_t probe_exp2_q4(int16_t x) {
    return exp2_q4(x);
}
uint16_t probe_root_u32(uint32_t x) {
    return root_u32(x);
}

uint8_t probe_tree_bin(uint8_t x, uint8_t low, uint16_t width) {
    return tree_bin(x, low, width);
}
uint16_t probe_tree_below(uint16_t width, uint8_t bin) {
    return tree_below(width, bin);
}

void probe_replay_pack(uint8_t *packed, const uint8_t *sample, uint8_t values, uint8_t bits,
                       uint8_t nibbles) {
    replay_pack(packed, sample, values, bits, nibbles);
}
void probe_replay_unpack(uint8_t *sample, const uint8_t *packed, uint8_t values, uint8_t bits,
                         uint8_t nibbles) {
    replay_unpack(sample, packed, values, bits, nibbles);
}
uint8_t probe_reservoir_slot(uint8_t slots, uint16_t offered, uint16_t *noise) {
    return reservoir_slot(slots, offered, noise);
}
uint8_t probe_balanced_slot(const uint8_t *label, uint8_t held, uint8_t slots, uint8_t class,
                            uint8_t classes, const uint16_t *offered, uint16_t *noise) {
    return balanced_slot(label, held, slots, class, classes, offered, noise);
}

void probe_columns_sum(uint16_t *sums, const int8_t *weight, const uint8_t *input, uint8_t rows,
                       uint8_t run, uint8_t gap, uint8_t bits) {
    columns_sum(sums, weight, input, rows, run, gap, bits);
}

void probe_columns_score(int16_t *scores, const int8_t *weight, const uint8_t *input,
                         uint8_t inputs, uint8_t shift, uint8_t bits) {
    columns_score(scores, weight, input, inputs, shift, bits);
}

void probe_columns_margin_step(int8_t *label, int8_t *rival, const uint8_t *input, uint8_t inputs,
                               uint8_t shift, uint16_t *noise, int8_t limit) {
    step_size step = step_size_of(shift, 0);
    columns_margin_step(label, rival, input, inputs, &step, noise, limit);
}

uint8_t probe_pooling_limit(uint8_t kernel, uint8_t input_max) {
    return (uint8_t)POOLING_LIMIT(kernel, input_max);
}

/* Returns the window; the sum goes to *sum. */
uint8_t probe_pooling_forward(int16_t *sum, const int8_t *weight, const uint8_t *image,
                              uint8_t quarter) {
    pooling_peak peak = pooling_forward(weight, image, quarter);
    *sum = peak.sum;
    return peak.window;
}

void probe_pooling_backward(int8_t *weight, const uint8_t *image, const int8_t *delta,
                            uint8_t peaks, uint8_t one, uint8_t shift, uint16_t *noise,
                            int8_t limit) {
    step_size step = step_size_of(shift, 0);
    pooling_backward(weight, image, delta, peaks, one, &step, noise, limit);
}
