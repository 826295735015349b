/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes as the symbols that the model predicts. A capital is SYMBOL_SHIFT and its small letter: a
 * word is the same word at the start of a sentence. Bytes that are rare in English are
 * SYMBOL_ESCAPE and eight plain bits, so that any file can be coded.
 *
 *   symbol    0..25     26     27  28  29     30..42           43..52  53
 *   byte      a..z      space  CR  LF  shift  . , - ' " ` ...  0..9    escape
 *
 * A class is what later predictions see of a symbol: the line ends are one, marks of one kind and
 * digits are one.
 */
#ifndef CHARLM_ALPHABET_H
#define CHARLM_ALPHABET_H

#include <stdint.h>

#include "fixed/flash.h"

#define SYMBOLS 54
#define SYMBOL_SPACE 26
#define SYMBOL_RETURN 27
#define SYMBOL_LINE_FEED 28
#define SYMBOL_SHIFT 29
#define SYMBOL_ESCAPE 53
#define LETTERS 26

#define CLASSES 37
#define CLASS_SPACE 26
#define CLASS_LINE_END 27
#define CLASS_OTHER 36

/* Symbols 26..52; 0 at SYMBOL_SHIFT, which is no byte. */
static IN_FLASH uint8_t alphabet_bytes[SYMBOL_ESCAPE - LETTERS] = {
    ' ', '\r', '\n', 0,   '.', ',', '-', '\'', '"', '`', ';', ':', '!', '?',
    '(', ')',  '*',  '0', '1', '2', '3', '4',  '5', '6', '7', '8', '9'};

static IN_FLASH uint8_t alphabet_classes[SYMBOLS - LETTERS] = {
    26, 27, 27, 36, 28, 29, 30, 31, 32, 32, 33, 33, 34, 34,
    36, 36, 36, 35, 35, 35, 35, 35, 35, 35, 35, 35, 35, 36};

/* The symbol of a byte; that of a capital is its small letter's. */
static inline uint8_t alphabet_symbol(uint8_t byte) {
    uint8_t letter = (uint8_t)((byte | 32) - 'a');
    if (letter < LETTERS && byte < 128) {
        return letter;
    }
    uint8_t i = 0;
    while (i < SYMBOL_ESCAPE - LETTERS && (alphabet_bytes[i] != byte || byte == 0)) {
        i++;
    }
    return (uint8_t)(LETTERS + i);
}

static inline uint8_t alphabet_is_capital(uint8_t byte) {
    return byte >= 'A' && byte <= 'Z';
}

/* The byte of a symbol that is neither shift nor escape. capital: 0 or 1, for letters. */
static inline uint8_t alphabet_byte(uint8_t symbol, uint8_t capital) {
    if (symbol < LETTERS) {
        return (uint8_t)((capital ? 'A' : 'a') + symbol);
    }
    return alphabet_bytes[symbol - LETTERS];
}

static inline uint8_t alphabet_class(uint8_t symbol) {
    return symbol < LETTERS ? symbol : alphabet_classes[symbol - LETTERS];
}

#endif
