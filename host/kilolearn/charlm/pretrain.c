/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trains the prior of avr/charlm: pretrain TABLES TEXT... writes the tables of the finished prior,
 * behind their ROWS, HIDDEN and VOTES, of which shape.h has one set for each form.
 *
 *   h[j]    = max(0, sum over active rows r of embedding[r][j])
 *   z[node] = h . readout[node] + bias[node] + sum over contexts c of (-1)^c * scale * vote[slot(c,
 * node)] P(bit)  = 1 / (1 + exp(-z)),  loss = -log P, descended by Adagrad, one character at a time
 *
 * The last QUANTISED epochs train through the rounding (straight-through): embedding and readout
 * have 15 levels, a vote is its sign, and z is a whole number of 1/32 nat, as on the chip.
 * Contexts, slots and the code tree are the chip's own headers.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "charlm/tree.h"

#define EPOCHS 14
#define QUANTISED 6
#define RATE 0.05f
#define VOTE_RATE 3 /* times RATE */
#define VOTE_STEP 0.6f
#define CHUNK 4096 /* symbols in a row; the chunks of all texts are shuffled */
#define WARM_UP 16 /* of which the first fill the history */
#define LANES 8    /* sums are in a fixed order, so that any machine gets the same tables */
#define LEVELS 7
#define LOGIT_STEP (1 / 32.0f)

typedef struct {
    float embedding[ROWS][HIDDEN], readout[NODES][HIDDEN], bias[NODES], vote[VOTES];
} prior;

/* What the forward pass reads; what is descended, once it is rounded; sums of squared gradients. */
static prior used, master, squares;
static int quantised;
static float embedding_step, readout_step, scale;

static float rounded(float value, float step, float levels) {
    return fminf(fmaxf(rintf(value / step), -levels), levels) * step;
}

/* values (count,) down the gradient factor * direction (count,), where `open` is above 0. levels 0:
 * the sign. What rounding cuts off stays in `exact`, held a little beyond the last level. */
static inline void descend(float *restrict value, float *restrict exact, float *restrict square,
                           const float *direction, const float *open, int count, float factor,
                           float rate, float step, float levels) {
    if (!quantised) {
        for (int i = 0; i < count; i++) {
            float gradient = open[i] > 0 ? factor * direction[i] : 0;
            square[i] += gradient * gradient;
            value[i] -= rate * gradient / sqrtf(square[i]);
        }
        return;
    }
    float limit = step * (levels > 0 ? levels + 0.49f : 1.2f), inverse = 1 / step;
    for (int i = 0; i < count; i++) {
        float gradient = open[i] > 0 ? factor * direction[i] : 0;
        square[i] += gradient * gradient;
        float kept = exact[i] - rate * gradient / sqrtf(square[i]);
        kept = kept > limit ? limit : kept < -limit ? -limit : kept;
        exact[i] = kept;
        value[i] = levels > 0 ? rintf(kept * inverse) * step : kept < 0 ? -1.0f : 1.0f;
    }
}

/* The same of one value. */
static inline void descend_one(float *value, float *exact, float *square, float gradient,
                               float rate, float step, float levels) {
    const float one = 1;
    descend(value, exact, square, &one, &one, 1, gradient, rate, step, levels);
}

static float dot(const float *a, const float *b) {
    float lane[LANES] = {0}, sum = 0;
    for (int i = 0; i < HIDDEN; i += LANES) {
        for (int j = 0; j < LANES; j++) {
            lane[j] += a[i + j] * b[i + j];
        }
    }
    for (int j = 0; j < LANES; j++) {
        sum += lane[j];
    }
    return sum;
}

/* The step that rounds these values with the least squared error. */
static float best_step(const float *value, size_t count) {
    float top = 0, best = 0;
    double least = 1e30;
    for (size_t i = 0; i < count; i++) {
        top = fmaxf(top, fabsf(value[i]));
    }
    for (float part = 1; part > 0.08f; part *= 0.93f) {
        float step = top * part / LEVELS;
        double error = 0;
        for (size_t i = 0; i < count; i++) {
            float off = value[i] - rounded(value[i], step, LEVELS);
            error += off * off;
        }
        if (error < least) {
            least = error;
            best = step;
        }
    }
    return best;
}

static void quantise(void) {
    master = used;
    quantised = 1;
    embedding_step = best_step(used.embedding[0], ROWS * HIDDEN);
    readout_step = LOGIT_STEP / embedding_step;
    for (size_t i = 0; i < ROWS * HIDDEN; i++) {
        ((float *)used.embedding)[i] =
            rounded(((float *)used.embedding)[i], embedding_step, LEVELS);
    }
    for (size_t i = 0; i < NODES * HIDDEN; i++) {
        ((float *)used.readout)[i] = rounded(((float *)used.readout)[i], readout_step, LEVELS);
    }
    double sum = 0;
    for (size_t i = 0; i < VOTES; i++) {
        sum += fabsf(used.vote[i]);
        used.vote[i] = used.vote[i] < 0 ? -1 : 1;
    }
    scale = rounded((float)(sum / VOTES), LOGIT_STEP, 127);
}

/* One symbol after this past; bits of its code. */
static double learn(const history *past, uint8_t symbol, float rate) {
    uint8_t row[ROWS_ACTIVE];
    uint16_t context[CONTEXTS];
    float sum[HIDDEN] = {0}, h[HIDDEN], back[HIDDEN] = {0};
    double nats = 0;
    shape_rows(past, row);
    history_contexts(past, context);
    for (int r = 0; r < ROWS_ACTIVE; r++) {
        for (int j = 0; j < HIDDEN; j++) {
            sum[j] += used.embedding[row[r]][j];
        }
    }
    for (int j = 0; j < HIDDEN; j++) {
        h[j] = fmaxf(sum[j], 0);
    }
    uint8_t node = 0, bit;
    for (uint16_t path = tree_path(symbol); path != TREE_END;
         path >>= 1, node = tree_child[node * 2 + bit]) {
        bit = path & 1;
        uint16_t slot[CONTEXTS];
        float z = dot(h, used.readout[node]) + used.bias[node];
        for (int c = 0; c < CONTEXTS; c++) {
            slot[c] = shape_slot((uint16_t)(context[c] + shape_salt(node)));
            float turned = c & 1 ? -used.vote[slot[c]] : used.vote[slot[c]];
            z += quantised ? scale * turned : turned;
        }
        nats += log1pf(expf(bit ? -z : z));
        float error = 1 / (1 + expf(-z)) - bit;
        for (int j = 0; j < HIDDEN; j++) {
            back[j] += error * used.readout[node][j];
        }
        descend(used.readout[node], master.readout[node], squares.readout[node], h, h, HIDDEN,
                error, rate, readout_step, LEVELS);
        descend_one(&used.bias[node], &master.bias[node], &squares.bias[node], error, rate,
                    LOGIT_STEP, 127);
        for (int c = 0; c < CONTEXTS; c++) {
            descend_one(&used.vote[slot[c]], &master.vote[slot[c]], &squares.vote[slot[c]],
                        c & 1 ? -error : error, rate * VOTE_RATE, VOTE_STEP, 0);
        }
    }
    for (int r = 0; r < ROWS_ACTIVE; r++) {
        descend(used.embedding[row[r]], master.embedding[row[r]], squares.embedding[row[r]], back,
                h, HIDDEN, 1, rate, embedding_step, LEVELS);
    }
    return nats / log(2);
}

static uint32_t noise_state = 1;
static uint32_t noise(void) {
    noise_state ^= noise_state << 13;
    noise_state ^= noise_state >> 17;
    return noise_state ^= noise_state << 5;
}

static void start(void) {
    for (size_t i = 0; i < sizeof squares / sizeof(float); i++) {
        ((float *)&squares)[i] = 1;
    }
    for (size_t i = 0; i < ROWS * HIDDEN; i++) {
        ((float *)used.embedding)[i] = (float)(noise() % 4096) / 8192 - 0.25f;
    }
    for (size_t i = 0; i < NODES * HIDDEN; i++) {
        ((float *)used.readout)[i] = (float)(noise() % 4096) / 20480 - 0.1f;
    }
}

static uint8_t *symbols;
static size_t symbol_count, *chunk, chunk_count;

static void read_text(const char *name) {
    FILE *file = fopen(name, "rb");
    size_t first = symbol_count;
    if (!file) {
        perror(name);
        exit(1);
    }
    for (int byte = getc(file); byte != EOF; byte = getc(file)) {
        symbols = realloc(symbols, symbol_count + 2);
        if (alphabet_is_capital((uint8_t)byte)) {
            symbols[symbol_count++] = SYMBOL_SHIFT;
        }
        symbols[symbol_count++] = alphabet_symbol((uint8_t)byte);
    }
    fclose(file);
    for (; first + CHUNK <= symbol_count; first += CHUNK) {
        chunk = realloc(chunk, (chunk_count + 1) * sizeof *chunk);
        chunk[chunk_count++] = first;
    }
}

static void write_level(FILE *file, float value, float step) {
    fputc((int8_t)lrintf(value / step), file);
}

int main(int count, char **argument) {
    for (int i = 2; i < count; i++) {
        read_text(argument[i]);
    }
    start();
    size_t step = 0, steps = chunk_count * EPOCHS;
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
        double bits = 0;
        if (epoch == EPOCHS - QUANTISED) {
            quantise();
        }
        for (size_t k = chunk_count - 1; k > 0; k--) {
            size_t other = noise() % (k + 1), swapped = chunk[k];
            chunk[k] = chunk[other];
            chunk[other] = swapped;
        }
        for (size_t k = 0; k < chunk_count; k++, step++) {
            float rate = RATE * (1 - (float)step / (float)steps);
            history past;
            history_start(&past);
            for (int i = 0; i < CHUNK; i++) {
                uint8_t symbol = symbols[chunk[k] + i];
                int follows = past.after_return && symbol == SYMBOL_LINE_FEED;
                if (i >= WARM_UP && !follows) {
                    bits += learn(&past, symbol, rate);
                }
                history_push(&past, symbol);
            }
        }
        printf("epoch %d: %.4f bits a symbol\n", epoch + 1, bits / (double)(chunk_count * CHUNK));
        fflush(stdout);
    }
    FILE *file = fopen(argument[1], "wb");
    if (!file) {
        perror(argument[1]);
        return 1;
    }
    const int32_t shape[] = {ROWS, HIDDEN, VOTES};
    fwrite(shape, sizeof shape, 1, file);
    for (size_t i = 0; i < ROWS * HIDDEN; i++) {
        write_level(file, ((float *)used.embedding)[i], embedding_step);
    }
    for (size_t i = 0; i < NODES * HIDDEN; i++) {
        write_level(file, ((float *)used.readout)[i], readout_step);
    }
    for (size_t i = 0; i < NODES; i++) {
        write_level(file, used.bias[i], LOGIT_STEP);
    }
    write_level(file, scale, LOGIT_STEP);
    for (size_t i = 0; i < VOTES; i++) {
        fputc(used.vote[i] > 0, file);
    }
    /* The unit of h, which the steps of what is learned on the chip depend on. */
    printf("embedding step %.4f vote %.4f\n", embedding_step, scale);
    return fclose(file) != 0;
}
