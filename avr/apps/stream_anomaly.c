/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Watches one voltage, and answers 1 where it is unusual. It learns without labels: they are only
 * counted. */
#include "apps/stream.h"
#include "online/anomaly.h"

anomaly_model net;

int main(void) {
    stream_start();
    anomaly_reset(&net);
    for (;;) {
        uint8_t value = stream_input(0);
        uint8_t label = stream_label();
        uint8_t answer = anomaly_distance(&net, value) > anomaly_threshold(&net);
        anomaly_learn(&net, value);
        stream_answer(answer, label);
    }
}
