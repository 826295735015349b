/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tells unusual readings of several sensors, each with a mean and deviation of its own: a sample is
 * of class 1, anomalous, when any of its values is. The label is not used: it is what a host counts
 * errors by. */
#include "apps/checkpointed.h"
#include "apps/learner.h"

#include "fixed/saturate.h"
#include "online/anomaly.h"

_Static_assert(LEARNER_CLASSES == 2 && LEARNER_INPUT_MAX == 255, "a reading is a byte");

typedef struct {
    anomaly_model sensor[LEARNER_INPUTS];
} network;

network net;
CHECKPOINTED(net, 0)

void learner_set_rate(uint8_t shift) {
    (void)shift;
}

__attribute__((noinline)) void learner_reset(uint16_t seed) {
    (void)seed;
    for (uint8_t i = 0; i < LEARNER_INPUTS; i++) {
        anomaly_reset(&net.sensor[i]);
    }
}

/* How far the farthest value lies beyond its threshold, Q6; not positive: none does. */
static __attribute__((noinline)) int16_t excess(const uint8_t *sample) {
    int16_t most = INT16_MIN;
    for (uint8_t i = 0; i < LEARNER_INPUTS; i++) {
        int32_t beyond = (int32_t)anomaly_distance(&net.sensor[i], sample[i]) -
                         anomaly_threshold(&net.sensor[i]);
        int16_t held = saturate_i16(beyond, INT16_MAX);
        if (held > most) {
            most = held;
        }
    }
    return most;
}

__attribute__((noinline)) learner_answer learner_infer(const uint8_t *sample) {
    int16_t most = excess(sample);
    return (learner_answer){.prediction = most > 0, .margin = most > 0 ? most : -most};
}

__attribute__((noinline)) learner_answer learner_train(const uint8_t *sample, uint8_t label) {
    int16_t most = excess(sample);
    for (uint8_t i = 0; i < LEARNER_INPUTS; i++) {
        anomaly_learn(&net.sensor[i], sample[i]);
    }
    return (learner_answer){.prediction = most > 0, .margin = label ? most : -most};
}

uint8_t *learner_weights(void) {
    return (uint8_t *)&net;
}

uint16_t learner_weights_size(void) {
    return sizeof net;
}
