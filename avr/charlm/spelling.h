/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A byte as the symbols of alphabet.h: a capital is a shift and its letter, what is no symbol is an
 * escape and eight bits, and a line feed after a carriage return is a decision of its own.
 *
 * Included behind a model that has the members `past` (history), `stream` (coder) and `feed` (the
 * probability of that line feed, at first EVEN), and a function code_symbol(model *, symbol).
 */
#ifndef CHARLM_SPELLING_H
#define CHARLM_SPELLING_H

#define FEED_SHIFT 5  /* P(line feed) goes 1/32 of the way to what came */
#define FEED_LEAST 32 /* in 1/65536 */

/* After a carriage return: is it a line feed? */
SHARED uint8_t code_feed(model *net, uint8_t bit) {
    uint16_t p = net->feed;
    bit = coder_bit(&net->stream, p, bit);
    if (bit) {
        p += (uint16_t)(65535 - FEED_LEAST - p) >> FEED_SHIFT;
    } else {
        p -= (uint16_t)(p - FEED_LEAST) >> FEED_SHIFT;
    }
    net->feed = p;
    return bit;
}

/* Codes a byte and learns it. Returns it; decoding, `byte` is not read. */
SHARED uint8_t model_code(model *net, uint8_t byte) {
    history *past = &net->past;
    uint8_t symbol = alphabet_symbol(byte);
    if (past->after_return && code_feed(net, symbol == SYMBOL_LINE_FEED)) {
        history_push(past, SYMBOL_LINE_FEED);
        return '\n';
    }
    uint8_t capital = 0;
    uint8_t coded = code_symbol(net, alphabet_is_capital(byte) ? SYMBOL_SHIFT : symbol);
    if (coded == SYMBOL_SHIFT) {
        capital = 1;
        history_push(past, coded);
        coded = code_symbol(net, symbol);
    }
    byte = coded == SYMBOL_ESCAPE ? coder_plain(&net->stream, byte) : alphabet_byte(coded, capital);
    history_push(past, coded);
    return byte;
}

#endif
